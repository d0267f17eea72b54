# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import PinkTrace

tracer = PinkTrace.Tracer()
rule = PinkTrace.Rule.new("write")
rule.set_occurrences(3, 3, 1)     # from the 3rd to the 3rd, every one
rule.deny("ENOSPC")
tracer.add_rule(rule)             # works in the tracer task: no handler is called
tracer.spawn(sys.argv[1:])
tracer.run()
