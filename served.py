"""The app as it is served: ``app.py`` behind what packs its files. Run with ``streamlit run served.py``.

``streamlit run app.py`` shows the same screens, unpacked.
"""

import sys
from pathlib import Path

import streamlit
from starlette.middleware import Middleware

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:  # Streamlit puts it there; other launchers may not
    sys.path.insert(0, str(HERE))

from model.cli.packed_files import PackedFiles  # noqa: E402
from views.page_head import styles_are_in_the_page  # noqa: E402

STATIC = Path(streamlit.__file__).resolve().parent / "static"
FONT = "app/static/ranking-sans.woff2"
packing = Middleware(PackedFiles, static=STATIC, font=FONT, styles=styles_are_in_the_page())
app = streamlit.App(HERE / "app.py", middleware=[packing])
