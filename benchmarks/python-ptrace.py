# SPDX-License-Identifier: LGPL-2.1-or-later
"""python-ptrace.py PROGRAM [ARGUMENT]...: the same loop by python-ptrace, as its manual has it."""
import sys

from ptrace.debugger import ProcessExit, PtraceDebugger
from ptrace.debugger.child import createChild

seen = 0
debugger = PtraceDebugger()
debugger.enableSysgood()
process = debugger.addProcess(createChild(sys.argv[1:], False), is_attached=True)
try:
    process.syscall()
    while True:
        process.waitSyscall()
        seen += 1
        process.syscall()
except ProcessExit:
    pass
debugger.quit()
print("stops", seen)
