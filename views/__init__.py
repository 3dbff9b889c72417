"""The screens. Streamlit is imported here and in ``app.py`` only; what is drawn comes from modules without it."""
