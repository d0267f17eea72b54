// SPDX-License-Identifier: LGPL-2.1-or-later
// handlers.js PROGRAM [ARGUMENT]...: a JavaScript handler on every entry and exit.
import PinkTrace from 'gi://PinkTrace?version=1.0';

let seen = 0;
const tracer = new PinkTrace.Tracer();
tracer.connect('syscall-enter', () => { seen++; });
tracer.connect('syscall-exit', () => { seen++; });
tracer.spawn(ARGV);
tracer.run();
print('stops', seen);
