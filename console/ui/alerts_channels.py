"""Channels: where alerts are sent, with a test message for each."""

import streamlit as st

from backend.records import channels
from backend.records.channels import Channel
from console.monitors import deliver
from console.ui import alerts_forms as forms
from console.ui.alerts_actions import ask
from console.ui.literal import named, quoted
from console.ui.resources import actor, database, settings

PLACE = "channels"
ICONS = {"webhook": ":material/webhook:", "email": ":material/mail:"}


def section() -> None:
    """The channels, and the ways to add, test and remove them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Channels", width="content")
        st.space("stretch")
        st.button(
            "Add a channel …",
            key="alerts_channel_add",
            icon=":material/add:",
            on_click=forms.open_channel,
        )
    found = channels.all(database())
    if not found:
        st.markdown(
            "Nobody is told of an alert but who looks here. Add a webhook (Slack, Mattermost and"
            " others understand it) or e-mail addresses, and name the channel in monitors."
        )
    with st.container(gap="xsmall"):
        for channel in found:
            _row(channel)
    if any(channel.kind == "email" for channel in found) and settings().smtp_url is None:
        st.warning(
            "No e-mail can be sent: `WATCHDESK_SMTP_URL` is not set.", icon=":material/mail_off:"
        )


def _row(channel: Channel) -> None:
    icon = ICONS.get(channel.kind, "")
    with st.container(border=True, key=f"alerts_channel_row_{channel.name}"):
        names, address, buttons = st.columns([3, 7, 2], vertical_alignment="center")
        names.markdown(f"{icon} **{named(channel.name)}**")
        # As code, or Markdown makes links of e-mail addresses.
        address.caption(quoted(channel.shown))
        with buttons.container(horizontal=True, horizontal_alignment="right", gap="small"):
            _buttons(channel)


def _buttons(channel: Channel) -> None:
    st.button(
        "Test",
        key=f"alerts_channel_test_{channel.name}",
        on_click=ask,
        args=(PLACE, test, channel.name),
        help="Sends a message through it, now.",
    )
    with st.popover(
        "",
        icon=":material/delete:",
        type="tertiary",
        key=f"alerts_channel_remove_{channel.name}",
        help=f"Remove “{named(channel.name)}”",
    ):
        st.markdown("Monitors that name it tell it no more.")
        st.button(
            "Remove it",
            key=f"alerts_channel_remove_do_{channel.name}",
            type="primary",
            on_click=ask,
            args=(PLACE, remove, channel.name),
        )


def test(name: str) -> str:
    """Send a test message.

    Raises:
        NotFound, Unavailable: as `deliver.send_test`.
    """
    with st.spinner("Sending …"):
        sent = deliver.send_test(database(), settings(), name)
    return f"A test message was sent to {quoted(sent.name)} ({sent.shown})."


def remove(name: str) -> str:
    """Remove a channel.

    Raises:
        NotFound: it is gone already.
    """
    channels.remove(database(), name, actor=actor())
    return f"Channel {quoted(name)} is removed."
