# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
import gi
gi.require_version("Gtk", "4.0")
gi.require_version("PinkTrace", "1.0")
from gi.repository import GLib, GObject, Gtk, PinkTrace

def column(title, text):
    factory = Gtk.SignalListItemFactory()
    factory.connect("setup", lambda factory, item: item.set_child(Gtk.Label(xalign=0, single_line_mode=True)))
    factory.connect("bind", lambda factory, item: item.get_child().set_label(text(item.get_item())))
    return Gtk.ColumnViewColumn(title=title, factory=factory)

Gtk.init()
tracer = PinkTrace.Tracer()
log = PinkTrace.SyscallLog(max_rows=1000000)
tracer.add_log(log)                                     # the tracees run on at full speed
view = Gtk.ColumnView(model=Gtk.NoSelection(model=log))
view.append_column(column("Process", lambda call: str(call.props.tracee.props.pid)))
view.append_column(column("Microseconds", lambda call: str(call.props.duration)))
view.append_column(column("Call", lambda call: call.to_string()))
dropped_label = Gtk.Label()
log.bind_property("n-dropped", dropped_label, "label", GObject.BindingFlags.SYNC_CREATE)

box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
box.append(Gtk.ScrolledWindow(child=view, vexpand=True))
box.append(dropped_label)
window = Gtk.Window(title="Everything in a list", child=box, default_width=800, default_height=600)
loop = GLib.MainLoop()
window.connect("close-request", lambda window: loop.quit())
window.present()
tracer.spawn(sys.argv[1:])
loop.run()
