// SPDX-License-Identifier: LGPL-2.1-or-later
import GLib from 'gi://GLib';
import Gtk from 'gi://Gtk?version=4.0';
import PinkTrace from 'gi://PinkTrace?version=1.0';

function ask(question) {
    const dialog = new Gtk.MessageDialog({text: question, buttons: Gtk.ButtonsType.YES_NO});
    dialog.present();
    return dialog;
}

Gtk.init();
const loop = new GLib.MainLoop(null, false);
const tracer = new PinkTrace.Tracer();
tracer.connect('syscall-enter::connect', (_tracer, call) => {
    const address = call.read_socket_address();   // a Gio.SocketAddress
    const dialog = ask(`${call.tracee.command} wants to reach ${address.to_string()}`);
    dialog.connect('response', (_dialog, response) => {
        if (response !== Gtk.ResponseType.YES)
            call.deny('EACCES');
        call.release();
        dialog.destroy();
    });
    call.hold();                                  // last: from here only this tracee waits, as long as it takes
});
tracer.connect('finished', () => loop.quit());
tracer.spawn(ARGV);
loop.run();
