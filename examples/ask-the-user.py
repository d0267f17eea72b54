# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
import gi
gi.require_version("Gtk", "4.0")
gi.require_version("PinkTrace", "1.0")
from gi.repository import Gtk, PinkTrace

def ask(question):
    dialog = Gtk.MessageDialog(text=question, buttons=Gtk.ButtonsType.YES_NO)
    dialog.present()
    return dialog

def on_connect(tracer, call):
    address = call.read_socket_address()          # a Gio.SocketAddress
    dialog = ask(f"{call.props.tracee.props.command} wants to reach {address.to_string()}")
    def answered(dialog, response):
        if response != Gtk.ResponseType.YES:
            call.deny("EACCES")
        call.release()
        dialog.destroy()
    dialog.connect("response", answered)
    call.hold()                                   # last: from here only this tracee waits, as long as it takes

Gtk.init()
tracer = PinkTrace.Tracer()
tracer.connect("syscall-enter::connect", on_connect)
tracer.spawn(sys.argv[1:])
tracer.run()
