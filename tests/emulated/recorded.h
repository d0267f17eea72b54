/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the program whose calls are recorded and the recorder must agree in.
 */
#pragma once

/* dup3 (MARK_CALL, address of the arena, its size), which fails: the next call is one. */
#define MARK_CALL 0x7e58
#define ARENA_SIZE 2048
