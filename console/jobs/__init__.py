"""Work that outlives a page: submit it, watch it, cancel it. A worker runs it elsewhere."""

from console.jobs.queue import Job, active, cancel, file, get, recent, submit

__all__ = ["Job", "active", "cancel", "file", "get", "recent", "submit"]
