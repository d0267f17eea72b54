// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs the example $EXAMPLE, and answers its dialogs with $ANSWER.
import GLib from 'gi://GLib';
import Gtk from 'gi://Gtk?version=4.0';

const seen = [];
GLib.timeout_add(GLib.PRIORITY_DEFAULT, 20, () => {
    const windows = Gtk.is_initialized() ? Gtk.Window.get_toplevels() : null;
    for (let i = 0; windows && i < windows.get_n_items(); i++) {
        const window = windows.get_item(i);
        if (window instanceof Gtk.Dialog && window.get_mapped() && !seen.includes(window)) {
            seen.push(window);
            printerr(`asked: ${window.text}`);
            window.response(Gtk.ResponseType[GLib.getenv('ANSWER')]);
            break;
        }
    }
    return GLib.SOURCE_CONTINUE;
});
await import(GLib.filename_to_uri(GLib.getenv('EXAMPLE'), null));
