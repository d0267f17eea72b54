// SPDX-License-Identifier: LGPL-2.1-or-later
delegate string Text (PinkTrace.SyscallEvent call);

Gtk.ColumnViewColumn column (string title, owned Text text) {
    var factory = new Gtk.SignalListItemFactory ();
    factory.setup.connect ((item) => ((Gtk.ListItem) item).child = new Gtk.Label (null) { xalign = 0 });
    factory.bind.connect ((item) => {
        var cell = (Gtk.ListItem) item;
        ((Gtk.Label) cell.child).label = text ((PinkTrace.SyscallEvent) cell.item);
    });
    return new Gtk.ColumnViewColumn (title, factory);
}

int main (string[] args) {
    Gtk.init ();
    var tracer = new PinkTrace.Tracer ();
    var log = new PinkTrace.SyscallLog () { max_rows = 1000000 };
    tracer.add_log (log);                                   // the tracees run on at full speed
    var view = new Gtk.ColumnView (new Gtk.NoSelection (log));
    view.append_column (column ("Process", (call) => call.tracee.pid.to_string ()));
    view.append_column (column ("Microseconds", (call) => call.duration.to_string ()));
    view.append_column (column ("Call", (call) => call.to_string ()));
    var dropped_label = new Gtk.Label (null);
    log.bind_property ("n-dropped", dropped_label, "label", BindingFlags.SYNC_CREATE);

    var box = new Gtk.Box (Gtk.Orientation.VERTICAL, 0);
    box.append (new Gtk.ScrolledWindow () { child = view, vexpand = true });
    box.append (dropped_label);
    var window = new Gtk.Window () { title = "Everything in a list", child = box,
                                     default_width = 800, default_height = 600 };
    var loop = new MainLoop ();
    window.close_request.connect (() => {
        loop.quit ();
        return false;
    });
    window.present ();
    try {
        tracer.spawn (args[1:]);
        loop.run ();
        return 0;
    } catch (Error e) {
        printerr ("%s\n", e.message);
        return 1;
    }
}
