"""The server: `streamlit run streamlit_app.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import streamlit as st

from pages.shared.failure import report_error
from pages.shared.panels import MODULES
from pages.shared.state import run_manager, text_service
from playground.web.routes import middleware, routes


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Start the workers before the first browser comes, stop them after the last has gone."""
    manager = await anyio.to_thread.run_sync(run_manager)
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(manager.close)
        manager.store.close()


app = st.App(
    Path(__file__).parent / "pages" / "router.py",
    lifespan=lifespan,
    routes=routes(run_manager, text_service, MODULES, st.get_option("server.baseUrlPath") or ""),
    middleware=middleware(),
    on_script_error=report_error,
)
