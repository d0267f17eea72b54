/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The command line.
 */
#pragma once

#include "style.h"

/* What is not said: bits, as strace's -q takes them. */
typedef enum
{
  QUIET_NONE        = 0,
  QUIET_EXIT        = 1 << 0,
  QUIET_PERSONALITY = 1 << 1,
  QUIET_ATTACH      = 1 << 2,
  QUIET_SUPERSEDED  = 1 << 3,
  QUIET_OTHER       = 1 << 4, /* what this version never says */
  QUIET_ALL         = (1 << 5) - 1
} Quiet;

/* How a call ended that is shown: bits, as strace's -e status= takes them. */
typedef enum
{
  STATUS_NONE        = 0,
  STATUS_SUCCESSFUL  = 1 << 0,
  STATUS_FAILED      = 1 << 1,
  STATUS_UNFINISHED  = 1 << 2,
  STATUS_UNAVAILABLE = 1 << 3, /* this version always knows */
  STATUS_DETACHED    = 1 << 4,
  STATUS_ALL         = (1 << 5) - 1
} Status;

/* When a signal such as that of Ctrl-C ends the tracer, as strace's -I takes it. */
typedef enum
{
  INTERRUPT_DEFAULT,
  INTERRUPT_ANYWHERE,
  INTERRUPT_WAITING,
  INTERRUPT_NEVER,
  INTERRUPT_NEVER_TSTP
} Interrupt;

typedef enum
{
  SUMMARY_NONE,
  SUMMARY_ONLY, /* -c */
  SUMMARY_TOO   /* -C */
} Summary;

typedef struct
{
  char       *output; /* NULL: standard error */
  CallSet    *calls;
  GPtrArray  *environment; /* "NAME=VALUE" sets, "NAME" removes */
  char       *user;        /* NULL: ours */
  GArray     *pids;        /* of int: what runs already */
  GPtrArray  *rules;       /* of PinkRule: -e inject= */
  GPtrArray  *paths;       /* -P; empty: any */
  gboolean    follow;
  gboolean    separate; /* -ff: a file for each process */
  gboolean    detach_on_exec;
  gboolean    kill_on_exit;
  gboolean    seccomp_bpf;
  Summary     summary;
  gboolean    wall_clock;
  gboolean    json;
  guint       absolute; /* -t: 1, -tt: 2, -ttt: 3 */
  gboolean    relative;
  gboolean    call_times;
  Style       style;
  Status      statuses;
  Quiet       quiet;
  gboolean    quiet_given;
  Interrupt   interrupt;
  guint       column;
  guint       string_limit;
  const char **argv; /* the program and its arguments; empty only if there are PIDs */
} Options;

/* What -h prints. */
extern const char help_text[];

typedef enum
{
  OPTIONS_RUN,
  OPTIONS_DONE, /* help or version was asked for, and printed */
  OPTIONS_ERROR
} OptionsResult;

OptionsResult options_parse (Options  *self,
                             int       argc,
                             char    **argv,
                             GError  **error);
void          options_clear (Options  *self);
