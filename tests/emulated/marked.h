/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the marked calls are made of; tracer and tracee must agree.
 */
#pragma once

#define MARK 0x7e57 /* dup (MARK): the next call is the one */
#define MARKED_PATH "/nonexistent/marked"
#define MARKED_FLAGS 0x0101 /* no two registers with one value */
#define MARKED_MODE 0777
#define MARKED_FIFTH 0x1111222233334444ll /* where a long has 32 bits, the lower half */
#define MARKED_SIXTH 0x5555666677778888ll
#define FORGED_RESULT 0x7654321
