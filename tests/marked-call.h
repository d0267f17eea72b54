/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * testprog makes a marked system call, and a check looks at its event.
 */
#pragma once

#include "pink-test-util.h"

typedef void (*MarkedCheck) (PinkSyscallEvent *event,
                             gpointer          data);

/* Marks: a script makes the call of this number, which there is not, before what
 * is to be looked at, and again behind it. The C library makes many calls. */
#define MARK "raw:0x4d4b"
#define MARK_NAME "syscall_0x4d4b"

typedef struct
{
  MarkedCheck       at_entry;
  MarkedCheck       at_exit;
  gpointer          data;
  gboolean          marked;
  guint             n_entries;
  guint             n_exits;
  PinkSyscallEvent *event; /* the last one that was marked */
} MarkedLook;

void              marked_look       (PinkTracer         *tracer,
                                     const char * const *argv,
                                     MarkedLook         *look);
/* The one call of this step. The event lives as long as the caller likes. */
PinkSyscallEvent *marked_call       (const char  *step,
                                     MarkedCheck  at_entry,
                                     MarkedCheck  at_exit,
                                     gpointer     data);
PinkSyscallEvent *marked_call_after (PinkTracer  *tracer,
                                     const char  *before,
                                     const char  *step,
                                     MarkedCheck  at_entry,
                                     MarkedCheck  at_exit,
                                     gpointer     data);
/* Of the 32-bit program; skips the test and returns NULL if there is none. */
PinkSyscallEvent *marked_call32     (const char  *step,
                                     MarkedCheck  at_entry,
                                     MarkedCheck  at_exit,
                                     gpointer     data);

/* Forced to do without PTRACE_GET_SYSCALL_INFO. */
gboolean          marked_without_info (void);

/* What reads from a tracee returns NULL, and this error of PINK_TRACER_ERROR. */
#define EXPECT_ERROR(error_code, function, ...) \
  G_STMT_START { \
    g_autoptr (GError) expected_error = NULL; \
    g_assert_null (function (__VA_ARGS__, &expected_error)); \
    g_assert_error (expected_error, PINK_TRACER_ERROR, error_code); \
  } G_STMT_END
