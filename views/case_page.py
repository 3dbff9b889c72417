"""The case screen: what is known on the left, the ranked causes on the right."""

from __future__ import annotations

import streamlit as st

from views import session
from views.evidence_panel import evidence_panel
from views.result_panel import result_panel
from views.wording import literal

DISCLAIMER = "Educational model of one article. Not validated on patients. Not for emergencies."


def show() -> None:
    """Draw the screen."""
    session.begin()
    with st.container(key="page_head"):
        st.title("Causes of mild neutropenia", anchor=False)
        st.html(f'<p class="disclaimer"><b>{DISCLAIMER}</b> A ranking with its reasons, never a verdict.</p>')
    left, right = st.columns([11, 13], gap="medium")
    with left, st.container(key="input_side"):
        _toolbar()
        _notice()
        evidence_panel()
    with right, st.container(key="result_side"):
        result_panel()


def _toolbar() -> None:
    knowledge = session.knowledge()
    titles = {example.case: example.title for example in knowledge.examples}
    with st.container(key="toolbar", border=True):
        first, second = st.columns([3, 2], gap="small")
        first.selectbox(
            "Published case",
            list(titles),
            index=None,
            format_func=titles.__getitem__,
            placeholder="Choose a published case",
            key="example",
            on_change=session.choose_example,
            persist_state="session",
        )
        second.selectbox(
            "Setting",
            list(knowledge.settings),
            format_func=lambda setting: knowledge.settings[setting].label,
            key="setting",
            on_change=session.remember,
            persist_state="session",
        )
        _files()
        _about_choice()


def _about_choice() -> None:
    setting = session.knowledge().settings[st.session_state["setting"]]
    example = next((e for e in session.knowledge().examples if e.case == st.session_state.get("opened")), None)
    with st.expander("About this setting" + (" and this case" if example else ""), type="compact"):
        st.markdown(
            f"**{literal(setting.label)}:** {literal(setting.population)}. "
            f"{literal(setting.basis)}. {literal(setting.caution)}"
        )
        if example is not None:
            note = literal(st.session_state.get("note") or "")
            st.markdown(f"**{literal(example.title)}:** {literal(example.teaches)} {note}")


def _files() -> None:
    with st.container(key="files", horizontal=True, gap="small"):
        st.button("Undo", on_click=session.undo, help="Take back the last change")
        st.button("Reset", on_click=session.reset, help="Clear every entry; Undo brings them back")
        with st.popover("Save", key="save", on_change="rerun") as saving:
            if saving.open:  # drawn when opened, so that the file holds the last finding
                _save()
        with st.popover("Load"):
            st.file_uploader(
                "Case file (JSON)",
                type="json",
                key=f"upload_{st.session_state['uploads']}",
                on_change=session.open_file,
                max_upload_size=1,
            )


def _save() -> None:
    st.text_area("Note, saved with the case (no names)", key="note", max_chars=2000, persist_state="session")
    st.download_button(
        "Save the case as a file",
        data=session.case_file(),
        file_name="neutropenia-case.json",
        mime="application/json",
        on_click="ignore",
    )


def _notice() -> None:
    notice: session.Notice | None = st.session_state.get("notice")
    if notice is None:
        return
    show_it = {"error": st.error, "warning": st.warning, "info": st.info}[notice.kind]
    show_it("  \n".join(literal(line) for line in notice.lines))
