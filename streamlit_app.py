"""The server: `streamlit run streamlit_app.py`."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import streamlit as st

from pages.shared.failure import report_error
from pages.shared.panels import MODULES
from pages.shared.state import run_manager, text_service
from playground.web.addresses import class_addresses
from playground.web.guards import AllowedHosts
from playground.web.routes import middleware, routes
from playground.web.slow import closing_slow_requests, limit


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Start the workers before the first browser comes, stop them after the last has gone."""
    manager = await anyio.to_thread.run_sync(run_manager)
    for address in _class_addresses():
        sys.stdout.write(f"  For a class: {address}\n")
    sys.stdout.flush()
    try:
        with closing_slow_requests(limit()):
            yield
    finally:
        await anyio.to_thread.run_sync(manager.close)
        manager.store.close()


def _hosts() -> AllowedHosts:
    """As Streamlit was told."""
    shown = (st.get_option("browser.serverAddress"), st.get_option("server.address"))
    return AllowedHosts(
        named=st.get_option("server.allowedHosts"),
        shown=[name for name in shown if name],
        origins=st.get_option("server.corsAllowedOrigins") if st.get_option("server.enableCORS") else ["*"],
    )


def _class_addresses() -> list[str]:
    return class_addresses(
        st.get_option("server.address"),
        st.get_option("server.port"),
        st.get_option("server.baseUrlPath") or "",
        "https" if st.get_option("server.sslCertFile") else "http",
    )


app = st.App(
    Path(__file__).parent / "pages" / "router.py",
    lifespan=lifespan,
    routes=routes(run_manager, text_service, MODULES, st.get_option("server.baseUrlPath") or ""),
    middleware=middleware(_hosts()),
    on_script_error=report_error,
)
