/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pinktrace-glib.h"

#include "engine/pink-rules.h"

/* What an engine takes; NULL with an error where it names calls that there are not. */
PinkRuleData *_pink_rule_get_data (PinkRule  *self,
                                   GError   **error);
/* A tracer has got it as it is now. */
void          _pink_rule_set_added (PinkRule *self);
