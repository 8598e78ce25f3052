"""Uploaded files leave the server's memory when they have been read: else each stays for as long as its session."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile


def upload_key(name: str) -> str:
    """The key of an uploader as it stands: another one after each file that was let go."""
    count = st.session_state.get(f"{name}_count", 0)
    return f"{name}_{count}" if count else name


def let_go(name: str, file: UploadedFile) -> None:
    """Forget a file that has been read; its uploader is drawn anew, and empty."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
    st.session_state[f"{name}_count"] = st.session_state.get(f"{name}_count", 0) + 1
