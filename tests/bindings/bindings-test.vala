// SPDX-License-Identifier: LGPL-2.1-or-later
// The library as Vala sees it, by real traces.
using PinkTrace;

const uint BOUND = 20;                          // seconds that a trace may take

string make_file () {
    string path;
    try {
        Posix.close (FileUtils.open_tmp ("pinktrace-vala-XXXXXX", out path));
    } catch (Error e) {
        error ("%s", e.message);
    }
    return path;
}

Tracee trace (Tracer tracer, string[] argv) {
    var late = Timeout.add_seconds (BOUND, () => {
        error ("the trace did not end");
    });
    try {
        var tracee = tracer.spawn (argv);
        assert_true (tracer.run ());
        Source.remove (late);
        return tracee;
    } catch (Error e) {
        error ("%s", e.message);
    }
}

void test_calls () {
    var path = make_file ();
    var tracer = new Tracer ();
    var before = get_real_time ();
    uint entered = 0, left = 0, all = 0;
    SyscallEvent? last = null;

    tracer.syscall_enter["openat"].connect ((call) => {
        entered++;
        assert_cmpstr (call.name, EQ, "openat");
        assert_true (call.state == SyscallState.ENTRY);
        assert_true (call.tracee.state == TraceeState.STOPPED);
        assert_cmpint ((int) call.duration, EQ, -1);
    });
    tracer.syscall_exit["openat"].connect ((call) => {
        left++;
        last = call;
    });
    tracer.syscall_enter.connect (() => {
        all++;
    });
    var tracee = trace (tracer, { "/bin/cat", path });

    assert_cmpuint (entered, GE, 2);
    assert_cmpuint (left, EQ, entered);
    assert_cmpuint (all, GT, entered);
    assert_cmpint (tracee.exit_code, EQ, 0);
    assert_true (tracee.state == TraceeState.EXITED);

    assert_true (last.tracee == tracee);
    assert_true (last.abi == Abi.get_native ());
    assert_true (last.number == syscall_from_name (last.abi, "openat"));
    assert_cmpuint (last.n_arguments, EQ, 4);
    assert_cmpint ((int) last.get_argument_signed (0), EQ, -100);
    assert_cmpint ((int) last.get_argument (0), EQ, -100);
    assert_cmpstr (last.get_argument_hex (1), EQ, "0x%llx".printf (last.get_argument (1)));
    assert_cmpstr (last.get_argument_text (0), EQ, "AT_FDCWD");
    assert_cmpint ((int) last.return_value, GE, 3);
    assert_cmpint (last.error_code, EQ, 0);
    assert_null (last.error_name);
    assert_true (before <= last.time <= get_real_time ());
    assert_true (last.duration >= 0);
    assert_true (last.instruction_pointer > 0 && last.stack_pointer > 0);
    FileUtils.unlink (path);
}

void test_memory () {
    var path = make_file ();
    var tracer = new Tracer ();
    string? text = null;
    string[] argv = {};
    var reads = 0;

    tracer.syscall_exit["openat"].connect ((call) => {
        try {
            if (call.read_string (1) != path)
                return;
            reads++;
            assert_cmpstr (call.read_path (1), EQ, path);
            assert_cmpstr (call.read_path_escaped (1), EQ, path);
            assert_cmpstr (call.read_file (1).get_path (), EQ, path);
            assert_cmpmem (call.read_bytes (1, path.length).get_data (), path.data);
            text = call.to_string ();
            assert_cmpstr (call.to_variant ().lookup_value ("name", VariantType.STRING).get_string (),
                           EQ, "openat");
        } catch (Error e) {
            error ("%s", e.message);
        }
    });
    tracer.syscall_enter["execve"].connect ((call) => {
        try {
            argv = call.read_string_array (1);
        } catch (Error e) {
            error ("%s", e.message);
        }
    });
    trace (tracer, { "/bin/sh", "-c", "exec /bin/cat " + path });
    assert_cmpint (reads, EQ, 1);
    assert_true (text.has_prefix ("openat(AT_FDCWD, \"%s\", ".printf (path)));
    assert_true (text.has_suffix (") = 3"));
    assert_cmpint (argv.length, EQ, 2);
    assert_cmpstr (argv[1], EQ, path);
    FileUtils.unlink (path);
}

void test_bytes_of_names () {
    var folder = make_file ();
    var path = folder + ".d/\xff\\";
    var tracer = new Tracer ();
    string? raw = null, escaped = null;

    assert_cmpint (DirUtils.create (folder + ".d", 0700), EQ, 0);
    assert_true (FileStream.open (path, "w") != null);
    tracer.syscall_enter["openat"].connect ((call) => {
        try {
            raw = call.read_string (1);
            escaped = call.read_string_escaped (1);
        } catch (Error e) {
            error ("%s", e.message);
        }
    });
    assert_cmpint (trace (tracer, { "/bin/cat", path }).exit_code, EQ, 0);
    assert_cmpstr (raw, EQ, path);
    assert_cmpstr (escaped, EQ, folder + ".d/\\xff\\\\");
    FileUtils.unlink (path);
    FileUtils.unlink (folder);
    DirUtils.remove (folder + ".d");
}

void test_ends () {
    var tracer = new Tracer ();
    int[] statuses = {};
    var finished = 0;

    tracer.exited.connect ((tracee, status) => {
        statuses += status;
    });
    tracer.finished.connect (() => {
        finished++;
    });
    assert_cmpint (trace (tracer, { "/bin/sh", "-c", "exit 3" }).exit_code, EQ, 3);
    assert_cmpint (trace (tracer, { "/bin/sh", "-c", "kill -TERM $$" }).term_signal, EQ, 15);
    assert_cmpint (statuses.length, EQ, 2);
    assert_true (Process.if_exited (statuses[0]) && Process.if_signaled (statuses[1]));
    assert_cmpint (finished, EQ, 2);
}

void test_main_loop () {
    var tracer = new Tracer ();
    var loop = new MainLoop ();
    var calls = 0;

    tracer.syscall_enter["openat"].connect (() => {
        calls++;
    });
    tracer.finished.connect (loop.quit);
    try {
        tracer.spawn ({ "/bin/true" });
    } catch (Error e) {
        error ("%s", e.message);
    }
    loop.run ();
    assert_cmpint (calls, GT, 0);
}

async void run_it (Tracer tracer, MainLoop loop) {
    try {
        assert_true (yield tracer.run_async (null));
    } catch (Error e) {
        error ("%s", e.message);
    }
    loop.quit ();
}

void test_run_async () {
    var tracer = new Tracer ();
    var loop = new MainLoop ();

    try {
        tracer.spawn ({ "/bin/true" });
    } catch (Error e) {
        error ("%s", e.message);
    }
    run_it.begin (tracer, loop);
    loop.run ();
    assert_cmpuint (tracer.n_tracees, EQ, 0);
}

void test_launcher () {
    var tracer = new Tracer ();
    var launcher = new Launcher ();
    string[] environment = {};

    tracer.syscall_enter["execve"].connect ((call) => {
        try {
            environment = call.read_string_array (2);
        } catch (Error e) {
            error ("%s", e.message);
        }
    });
    launcher.set_environ ({ "A=1", "B=2" });
    launcher.setenv ("C", "3", true);
    launcher.unsetenv ("B");
    launcher.set_working_directory ("/usr");
    assert_cmpstr (launcher.get_working_directory (), EQ, "/usr");
    try {
        launcher.spawn (tracer, { "/bin/true" });
        tracer.run ();
    } catch (Error e) {
        error ("%s", e.message);
    }
    assert_true ("A=1" in environment && "C=3" in environment && !("B=2" in environment));
}

void test_errors () {
    var tracer = new Tracer ();
    var caught = 0;

    try {
        tracer.spawn ({ "/nonexistent/program" });
    } catch (IOError.NOT_FOUND e) {
        caught++;
    } catch (Error e) {
        error ("%s", e.message);
    }
    try {
        syscall_expand ({ "opennat" });
    } catch (TracerError.UNKNOWN_SYSCALL e) {
        caught++;
    } catch (Error e) {
        error ("%s", e.message);
    }
    try {
        ((SyscallEvent) Object.new (typeof (SyscallEvent))).read_string (0);
    } catch (TracerError e) {
        caught++;
    } catch (Error e) {
        error ("%s", e.message);
    }
    assert_cmpint (caught, EQ, 3);
}

void test_names () {
    assert_cmpstr (errno_name (13), EQ, "EACCES");
    assert_cmpint (errno_from_name ("EACCES"), EQ, 13);
    assert_cmpstr (signal_name (15), EQ, "SIGTERM");
    assert_cmpstr (Abi.X86_64.get_name (), EQ, "x86_64");
    assert_cmpint (PRIORITY_TRACER, EQ, new Tracer ().priority);
    assert_true (check_version (1, 0, 0));
}

int main (string[] args) {
    Test.init (ref args);
    Test.add_func ("/vala/calls", test_calls);
    Test.add_func ("/vala/memory", test_memory);
    Test.add_func ("/vala/bytes-of-names", test_bytes_of_names);
    Test.add_func ("/vala/ends", test_ends);
    Test.add_func ("/vala/main-loop", test_main_loop);
    Test.add_func ("/vala/run-async", test_run_async);
    Test.add_func ("/vala/launcher", test_launcher);
    Test.add_func ("/vala/errors", test_errors);
    Test.add_func ("/vala/names", test_names);
    return Test.run ();
}
