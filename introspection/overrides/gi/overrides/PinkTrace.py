# SPDX-License-Identifier: LGPL-2.1-or-later
"""What PyGObject cannot know of the namespace PinkTrace: that Tracer.run() is a main loop."""
import contextlib
import signal
import threading

from gi.repository import GLib

from ..module import get_introspection_module
from ..overrides import override

try:
    from .._ossighelper import register_sigint_fallback, wakeup_on_signal
except ImportError:
    # They are private to PyGObject. Without them Ctrl-C ends the program, not just run().
    @contextlib.contextmanager
    def register_sigint_fallback(_callback):
        if (threading.current_thread() is not threading.main_thread()
                or signal.getsignal(signal.SIGINT) is not signal.default_int_handler):
            yield
            return
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    wakeup_on_signal = contextlib.nullcontext

PinkTrace = get_introspection_module("PinkTrace")

__all__ = []


class _QuitInLoop:
    """Called, has the loop quit when it runs: before it has begun, quit() would not be heard."""

    def __init__(self, tracer):
        self._tracer = tracer
        self._context = GLib.MainContext.ref_thread_default()
        self._source = None

    def __call__(self):
        self._source = GLib.Idle(priority=GLib.PRIORITY_HIGH)
        self._source.set_callback(lambda *_: self._tracer.quit())
        self._source.attach(self._context)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._source is not None:
            self._source.destroy()


class Tracer(PinkTrace.Tracer):
    def run(self):
        # As GLib.MainLoop's own override: while C iterates the context, Python's handler of
        # SIGINT waits for somebody to call into the interpreter.
        with _QuitInLoop(self) as interrupted, register_sigint_fallback(interrupted), wakeup_on_signal():
            return super().run()


Tracer = override(Tracer)
__all__.append("Tracer")
