"""The case screen: what is known on the left, the ranked causes on the right."""

from __future__ import annotations

import streamlit as st

from model.errors import ModelError
from model.evidence.fhir_bundle import MAX_BYTES
from model.report import NO_VERDICT, ranking_svg
from model.sensitivity.uncertainty import QUICK_DRAWS
from views import actions, cached_models, pin_actions, session
from views.case.bundle_panel import bundle_panel
from views.case.evidence_panel import evidence_panel
from views.case.first_visit import first_visit
from views.case.picture_button import picture_button
from views.case.result_panel import detail_panel, result_panel
from views.case.summary_view import summary_of
from views.page_head import page_head
from views.result_view import mark
from views.wording import literal


def show() -> None:
    """Draw the screen."""
    page_head("Causes of mild neutropenia")
    first_visit()
    _toolbar()
    bundle_panel()
    left, right = st.columns([9, 15], gap="medium")
    answer = right.container(key="result_side")
    with answer:
        result_panel()  # first, so that the ranking does not wait for forty questions
    with left, st.container(key="input_side"):
        evidence_panel()
    with answer:
        detail_panel()


def _toolbar() -> None:
    knowledge = cached_models.knowledge()
    titles = {example.case: example.title for example in knowledge.examples}
    with st.container(key="toolbar", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Published case",
            list(titles),
            index=None,
            format_func=titles.__getitem__,
            placeholder="Choose a published case",
            key="example",
            on_change=actions.choose_example,
            persist_state="session",
            width=330,
        )
        st.selectbox(
            "Setting",
            list(knowledge.settings),
            format_func=lambda setting: knowledge.settings[setting].label,
            key="setting",
            on_change=actions.setting_chosen,
            persist_state="session",
            width=230,
        )
        st.button("Undo", on_click=session.go_back, help="Take back the last change", shortcut="Alt+U")
        st.button("Reset", on_click=actions.reset, help="Clear every entry; Undo brings them back", shortcut="Alt+X")
        pins = len(session.pins())
        st.button(f"Pin ({pins})" if pins else "Pin", on_click=pin_actions.pin, args=(_title(),), key="pin_here",
                  help="Keep the case as it stands for the Compare screen, up to three")  # fmt: skip
        _files()
        _about_choice()


def _title() -> str:
    """Return a name for the case as it stands."""
    titles = {example.case: example.title for example in cached_models.knowledge().examples}
    return titles.get(session.opened_example(), f"Case {len(session.pins()) + 1}")


def _about_choice() -> None:
    setting = cached_models.knowledge().settings[session.setting()]
    example = next((e for e in cached_models.knowledge().examples if e.case == session.opened_example()), None)
    with st.popover("About this case" if example else "About this setting"):
        st.markdown(
            f"**{literal(setting.label)}:** {literal(setting.population)}. "
            f"{literal(setting.basis)}. {literal(setting.caution)}"
        )
        if example is not None:
            note = literal(session.chosen("note") or "")
            st.markdown(f"**{literal(example.title)}:** {literal(example.teaches)} {note}")


def _files() -> None:
    with st.popover("Save or share", key="save", on_change="rerun") as saving:
        if saving.open:  # drawn when opened, so that each file holds the last finding
            _save()
    with st.popover("Load"):
        st.file_uploader(
            "Case file, or FHIR R4 Bundle (JSON)",
            type="json",
            key=session.upload_key("upload"),
            on_change=actions.open_file,
            max_upload_size=MAX_BYTES // 1_000_000,
        )


def _save() -> None:
    """Draw what can be taken along: first the files, last the text, which is as long as the case."""
    view = session.result(draws=QUICK_DRAWS)
    st.text_area("Note, saved with the case (no names)", key="note", max_chars=2000, persist_state="session")
    st.download_button(
        "Save the case as a file",
        data=session.case_file(),
        file_name="neutropenia-case.json",
        mime="application/json",
        on_click="ignore",
    )
    st.download_button(
        "Report to print, or for PDF (HTML)",
        data=session.report(),
        file_name="neutropenia-report.html",
        mime="text/html",
        on_click="ignore",
        help="One page with entries, unknowns, ranking, reasons, next steps and the records behind. In a browser "
        "it prints on A4 or is saved as PDF.",
    )
    if view.causes:
        setting = cached_models.knowledge().settings[view.setting].label
        svg = ranking_svg(view.causes, setting, f"{NO_VERDICT.split(';')[0]}.{mark(view)}")
        st.download_button(
            "The ranking as a picture (SVG)",
            data=svg,
            file_name="neutropenia-ranking.svg",
            mime="image/svg+xml",
            on_click="ignore",
        )
        picture_button(svg, "neutropenia-ranking.png")
    if st.button("Make a link", help="An address that opens this case where this app runs"):
        _link()
    st.caption("Summary for a note; the sign at its corner copies it")
    with st.container(key="summary"):
        st.code(summary_of(session.current_model(), session.case(), view), language=None, wrap_lines=True)


def _link() -> None:
    try:
        link = session.link()
    except ModelError as error:
        st.warning(literal(str(error)))
        return
    st.code(link.address, language=None, wrap_lines=True)
    if link.only_here:
        st.caption("It works on this machine only, because no public address is set for this app.")
    st.caption(
        "Made just now, because you asked: it holds the entries, the setting and replaced numbers, never the note. "
        "Nothing is put into the address by itself."
    )
