"""The screens of the app, one folder each; every folder has a ``page`` that draws it and says which files it needs.

Here is what screens share. ``session`` holds the visitor's case, ``cached_models`` the models, ``result_view`` is the
answer as it is shown, ``actions`` what buttons do. Streamlit is imported only where something
is drawn or kept: pages, panels, actions, components, and the modules that hold the visit, the models and the charts.
What a screen says is worked out in modules named ``view``, which need none.
"""
