"""Sending e-mail through the SMTP server of the settings."""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import SplitResult, unquote, urlsplit

from backend.settings import LOOPBACK_HOSTS, Settings
from console.monitors.unsent import NotSent

SECONDS = 10.0


def send(
    settings: Settings, to: Sequence[str], subject: str, text: str, message_id: str | None = None
) -> None:
    """Send a message to some addresses.

    With `smtp://` it is encrypted where the server offers STARTTLS; a password is never sent over
    a connection to another host that is not encrypted.

    Args:
        message_id: the same for the same message, so that one that was sent twice can be known.

    Raises:
        NotSent: no server is set, or it did not take the message for every address.
    """
    if settings.smtp_url is None:
        raise NotSent(
            "No mail server is set. Set `WATCHDESK_SMTP_URL`, such as"
            " `smtp://name:password@mail.example.com:587`."
        )
    server = urlsplit(settings.smtp_url)
    message = _message(settings, to, subject, text, message_id)
    host = server.hostname or "?"
    try:
        with _connected(server) as smtp:
            _log_in(smtp, server)
            refused = smtp.send_message(message)
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent(f"The mail server `{host}` does not take the name or password.") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise NotSent(f"The mail server `{host}` refused all addresses.") from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"The mail server `{host}` answered {error.smtp_code}.") from error
    except ssl.SSLError as error:
        raise NotSent(
            f"The mail server `{host}` cannot be trusted: its certificate is not valid."
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"The mail server `{host}` cannot be reached.") from error
    if refused:
        some = ", ".join(f"`{one}`" for one in list(refused)[:5])
        raise NotSent(f"The mail server `{host}` refused {some}; the others have it.")


def _connected(server: SplitResult) -> smtplib.SMTP:
    host = server.hostname or ""
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, _port(server, 465), timeout=SECONDS, context=context)
    smtp = smtplib.SMTP(host, _port(server, 587 if server.username else 25), timeout=SECONDS)
    try:
        smtp.ehlo_or_helo_if_needed()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _port(server: SplitResult, default: int) -> int:
    try:
        return server.port or default
    except ValueError:
        raise NotSent(
            "`WATCHDESK_SMTP_URL` has a port that is none; expected a number from 1 to 65535."
        ) from None


def _log_in(smtp: smtplib.SMTP, server: SplitResult) -> None:
    if not server.username:
        return
    is_encrypted = isinstance(smtp.sock, ssl.SSLSocket)
    if not is_encrypted and server.hostname not in (*LOOPBACK_HOSTS, "::1"):
        raise NotSent(
            f"The mail server `{server.hostname}` offers no encryption, so no password is sent to"
            " it. Use a server that offers STARTTLS, or `smtps://`."
        )
    smtp.login(unquote(server.username), unquote(server.password or ""))


def _message(
    settings: Settings, to: Sequence[str], subject: str, text: str, message_id: str | None
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.smtp_from
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message["Date"] = formatdate()
    if message_id is not None:
        message["Message-ID"] = message_id
    # What a program sent is no answer to anybody, and wants none (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message
