/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "options.h"

#include "inject.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* getopt_long() and not GOptionContext: the same function as strace's, so that
 * its command lines mean the same here ("-qqcw", "-oFILE", "--trac=open"). */
enum
{
  OPTION_JSON = 256,
  OPTION_ABBREV,
  OPTION_RAW,
  OPTION_READ,
  OPTION_VERBOSE,
  OPTION_WRITE,
  OPTION_FAULT,
  OPTION_INJECT,
  OPTION_KILL_ON_EXIT,
  OPTION_QUIET,
  OPTION_SECCOMP_BPF,
  OPTION_SEPARATE,
  OPTION_STATUS,
  OPTION_STRINGS_IN_HEX,
  OPTION_TRACE
};

/* "+": what follows the program is the program's. ":": messages are ours. */
static const char short_options[] = "+:a:b:CcE:e:fhI:o:P:p:qrs:Ttu:VvwX:xyZz";

/* What strace has besides. */
static const char other_short_options[] = "ADdFikLnNOSUY";

static const struct option long_options[] = {
  { "abbrev", required_argument, NULL, OPTION_ABBREV },
  { "absolute-timestamps", no_argument, NULL, 't' },
  { "attach", required_argument, NULL, 'p' },
  { "columns", required_argument, NULL, 'a' },
  { "const-print-style", required_argument, NULL, 'X' },
  { "decode-fds", optional_argument, NULL, 'y' },
  { "detach-on", required_argument, NULL, 'b' },
  { "env", required_argument, NULL, 'E' },
  { "failed-only", no_argument, NULL, 'Z' },
  { "follow-forks", no_argument, NULL, 'f' },
  { "help", no_argument, NULL, 'h' },
  { "interruptible", required_argument, NULL, 'I' },
  { "json", no_argument, NULL, OPTION_JSON },
  { "kill-on-exit", no_argument, NULL, OPTION_KILL_ON_EXIT },
  { "no-abbrev", no_argument, NULL, 'v' },
  { "output", required_argument, NULL, 'o' },
  { "output-separately", no_argument, NULL, OPTION_SEPARATE },
  { "quiet", optional_argument, NULL, OPTION_QUIET },
  { "raw", required_argument, NULL, OPTION_RAW },
  { "read", required_argument, NULL, OPTION_READ },
  { "relative-timestamps", no_argument, NULL, 'r' },
  { "seccomp-bpf", no_argument, NULL, OPTION_SECCOMP_BPF },
  { "silence", optional_argument, NULL, OPTION_QUIET },
  { "silent", optional_argument, NULL, OPTION_QUIET },
  { "status", required_argument, NULL, OPTION_STATUS },
  { "string-limit", required_argument, NULL, 's' },
  { "strings-in-hex", optional_argument, NULL, OPTION_STRINGS_IN_HEX },
  { "successful-only", no_argument, NULL, 'z' },
  { "summary", no_argument, NULL, 'C' },
  { "summary-only", no_argument, NULL, 'c' },
  { "summary-wall-clock", no_argument, NULL, 'w' },
  { "syscall-times", no_argument, NULL, 'T' },
  { "timestamps", no_argument, NULL, 't' },
  { "fault", required_argument, NULL, OPTION_FAULT },
  { "inject", required_argument, NULL, OPTION_INJECT },
  { "trace", required_argument, NULL, OPTION_TRACE },
  { "trace-path", required_argument, NULL, 'P' },
  { "user", required_argument, NULL, 'u' },
  { "verbose", required_argument, NULL, OPTION_VERBOSE },
  { "version", no_argument, NULL, 'V' },
  { "write", required_argument, NULL, OPTION_WRITE },
  { NULL }
};

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError     **error,
      const char  *format,
      ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                                 format, args);
  va_end (args);
  return FALSE;
}

static gboolean
parse_number (const char  *name,
              const char  *text,
              guint        min,
              guint        max,
              guint       *number,
              GError     **error)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, min, max, &value, NULL))
    return fail (error, "invalid %s argument: '%s'", name, text);
  *number = (guint) value;
  return TRUE;
}

typedef struct
{
  const char *name;
  guint       bits;
} Word;

/* "exit,attach", "!exit": the words of a table; NAME is what they are called. */
static gboolean
parse_words (const char  *name,
             const char  *text,
             const Word  *table,
             guint        all,
             guint       *result,
             GError     **error)
{
  gboolean negated = text[0] == '!';
  g_auto (GStrv) words = g_strsplit (text + negated, ",", -1);
  guint bits = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const Word *word = table;

      while (word->name != NULL && !g_str_equal (words[i], word->name))
        word++;
      if (word->name == NULL)
        return fail (error, "invalid %s '%s'", name, words[i]);
      bits |= word->bits;
    }
  *result = negated ? all & ~bits : bits;
  return TRUE;
}

static gboolean
parse_quiet (Options     *self,
             const char  *text,
             GError     **error)
{
  static const Word table[] = {
    { "all", QUIET_ALL }, { "none", QUIET_NONE }, { "attach", QUIET_ATTACH },
    { "exit", QUIET_EXIT }, { "exits", QUIET_EXIT }, { "personality", QUIET_PERSONALITY },
    { "path-resolution", QUIET_OTHER }, { "path-resolve", QUIET_OTHER },
    { "superseded", QUIET_SUPERSEDED }, { "thread-execve", QUIET_SUPERSEDED }, { NULL }
  };
  guint bits;

  if (!parse_words ("quiet", text, table, QUIET_ALL, &bits, error))
    return FALSE;
  self->quiet = (Quiet) bits;
  self->quiet_given = TRUE;
  return TRUE;
}

static gboolean
parse_status (Options     *self,
              const char  *text,
              GError     **error)
{
  static const Word table[] = {
    { "all", STATUS_ALL }, { "none", STATUS_NONE }, { "successful", STATUS_SUCCESSFUL },
    { "failed", STATUS_FAILED }, { "unfinished", STATUS_UNFINISHED },
    { "unavailable", STATUS_UNAVAILABLE }, { "detached", STATUS_DETACHED }, { NULL }
  };
  guint bits;

  if (!parse_words ("status", text, table, STATUS_ALL, &bits, error))
    return FALSE;
  self->statuses = (Status) bits;
  return TRUE;
}

static gboolean
parse_pids (Options     *self,
            const char  *text,
            GError     **error)
{
  g_auto (GStrv) words = g_strsplit_set (text, ", \n\t", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint64 number;
      int pid;

      if (words[i][0] == '\0')
        continue;
      if (!g_ascii_string_to_unsigned (words[i], 10, 1, G_MAXINT, &number, NULL))
        return fail (error, "invalid process id: '%s'", words[i]);
      pid = (int) number;
      g_array_append_val (self->pids, pid);
    }
  return TRUE;
}

static gboolean
parse_trace (Options     *self,
             const char  *text,
             GError     **error)
{
  CallSet *calls = call_set_parse (text, error);

  if (calls == NULL)
    return FALSE;
  call_set_free (self->calls);
  self->calls = calls;
  return TRUE;
}

static gboolean
parse_inject (Options     *self,
              const char  *text,
              gboolean     fault,
              GError     **error)
{
  PinkRule *rule = inject_parse (text, fault, error);

  if (rule != NULL)
    g_ptr_array_add (self->rules, rule);
  return rule != NULL;
}

/* As it is written, and where that leads. */
static void
add_path (Options    *self,
          const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  char *real = realpath (path, NULL);

  if (real != NULL && !g_str_equal (real, absolute))
    g_ptr_array_add (self->paths, g_strdup (real));
  g_ptr_array_add (self->paths, g_steal_pointer (&absolute));
  free (real);
}

/* -e [QUALIFIER=]VALUE */
static gboolean
parse_expression (Options     *self,
                  const char  *text,
                  GError     **error)
{
  static const char * const trace[] = { "trace", "t", NULL };
  static const char * const quiet[] = { "quiet", "silent", "silence", "q", NULL };
  static const char * const status[] = { "status", NULL };
  static const char * const others[] = {
    "signal", "signals", "s", "decode-pids", "decode-pid", "kvm", NULL
  };
  const char *equals = strchr (text, '=');
  g_autofree char *name = equals != NULL ? g_strndup (text, (gsize) (equals - text)) : NULL;

  if (name == NULL)
    return parse_trace (self, text, error);
  if (g_strv_contains (trace, name))
    return parse_trace (self, equals + 1, error);
  if (g_strv_contains (quiet, name))
    return parse_quiet (self, equals + 1, error);
  if (g_strv_contains (status, name))
    return parse_status (self, equals + 1, error);
  if (g_str_equal (name, "inject") || g_str_equal (name, "fault"))
    return parse_inject (self, equals + 1, name[0] == 'f', error);
  if (style_has_qualifier (name))
    return style_parse_qualifier (&self->style, name, equals + 1, error);
  if (g_strv_contains (others, name))
    return fail (error, "this version has no -e %s=", name);
  return parse_trace (self, text, error); /* says that there is no such call */
}

static gboolean
parse_one (Options     *self,
           int          option,
           guint       *n_quiet,
           GError     **error)
{
  guint number = 0;

  switch (option)
    {
    case 'a':
      return parse_number ("-a", optarg, 0, G_MAXINT, &self->column, error);
    case 'b':
      if (!g_str_equal (optarg, "execve"))
        return fail (error, "-b takes execve only, not '%s'", optarg);
      self->detach_on_exec = TRUE;
      return TRUE;
    case 'C':
    case 'c':
      if (self->summary == (option == 'C' ? SUMMARY_ONLY : SUMMARY_TOO))
        return fail (error, "-c/--summary-only and -C/--summary are mutually exclusive");
      self->summary = option == 'C' ? SUMMARY_TOO : SUMMARY_ONLY;
      return TRUE;
    case 'E':
      if (optarg[0] == '\0' || optarg[0] == '=')
        return fail (error, "invalid -E argument: '%s'", optarg);
      g_ptr_array_add (self->environment, g_strdup (optarg));
      return TRUE;
    case 'e':
      return parse_expression (self, optarg, error);
    case 'f':
      /* Twice: as with --output-separately. */
      self->separate |= self->follow;
      self->follow = TRUE;
      return TRUE;
    case 'I':
      if (!parse_number ("-I", optarg, 1, 4, &number, error))
        return FALSE;
      self->interrupt = (Interrupt) number;
      return TRUE;
    case 'o':
      g_free (self->output);
      self->output = g_strdup (optarg);
      return TRUE;
    case 'P':
      add_path (self, optarg);
      return TRUE;
    case 'p':
      return parse_pids (self, optarg, error);
    case 'r':
      self->relative = TRUE;
      return TRUE;
    case 's':
      return parse_number ("-s", optarg, 0, G_MAXUINT / 4, &self->string_limit, error);
    case 'T':
      self->call_times = TRUE;
      return TRUE;
    case 't':
      self->absolute = MIN (self->absolute + 1, 3);
      return TRUE;
    case 'u':
      g_free (self->user);
      self->user = g_strdup (optarg);
      return TRUE;
    case 'v':
      return style_parse_qualifier (&self->style, "abbrev", "none", error);
    case 'w':
      self->wall_clock = TRUE;
      return TRUE;
    case 'X':
      return style_parse_constants (&self->style, optarg, error);
    case 'x':
      return style_parse_hex (&self->style, optarg, error);
    case 'y':
      return style_parse_descriptors (&self->style, optarg, error);
    case 'Z':
      self->statuses = STATUS_FAILED;
      return TRUE;
    case 'z':
      self->statuses = STATUS_SUCCESSFUL;
      return TRUE;
    case OPTION_ABBREV:
      return style_parse_qualifier (&self->style, "abbrev", optarg, error);
    case OPTION_STRINGS_IN_HEX:
      return style_parse_hex (&self->style, optarg != NULL ? optarg : "all", error);
    case OPTION_RAW:
      return style_parse_qualifier (&self->style, "raw", optarg, error);
    case OPTION_READ:
      return style_parse_qualifier (&self->style, "read", optarg, error);
    case OPTION_VERBOSE:
      return style_parse_qualifier (&self->style, "verbose", optarg, error);
    case OPTION_WRITE:
      return style_parse_qualifier (&self->style, "write", optarg, error);
    case OPTION_FAULT:
    case OPTION_INJECT:
      return parse_inject (self, optarg, option == OPTION_FAULT, error);
    case OPTION_JSON:
      self->json = TRUE;
      return TRUE;
    case OPTION_KILL_ON_EXIT:
      self->kill_on_exit = TRUE;
      return TRUE;
    case OPTION_SECCOMP_BPF:
      self->seccomp_bpf = TRUE;
      return TRUE;
    case OPTION_SEPARATE:
      self->separate = TRUE;
      return TRUE;
    case OPTION_STATUS:
      return parse_status (self, optarg, error);
    case OPTION_TRACE:
      return parse_trace (self, optarg, error);
    case OPTION_QUIET:
      if (optarg != NULL)
        return parse_quiet (self, optarg, error);
      G_GNUC_FALLTHROUGH;
    case 'q':
      /* Once: what -o leaves out anyway. Twice: the end, too. Thrice: all. */
      *n_quiet += 1;
      self->quiet |= *n_quiet == 1 ? QUIET_ATTACH | QUIET_PERSONALITY
                     : *n_quiet == 2 ? QUIET_EXIT : QUIET_ALL;
      self->quiet_given = TRUE;
      return TRUE;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
fail_usage (int          option,
            char       **argv,
            GError     **error)
{
  if (option == ':')
    return fail (error, "option '%s' requires an argument (try 'pinktrace -h')", argv[optind - 1]);
  /* A long option that is not known, or is short for more than one. */
  if (optopt == 0)
    return fail (error, "unrecognized option '%s' (try 'pinktrace -h')", argv[optind - 1]);
  if (optopt < OPTION_JSON && strchr (other_short_options, optopt) != NULL)
    return fail (error, "this version has no -%c (try 'pinktrace -h')", optopt);
  if (optopt < OPTION_JSON && strchr (short_options, optopt) == NULL)
    return fail (error, "invalid option -- '%c' (try 'pinktrace -h')", optopt);
  return fail (error, "option '%s' takes no argument (try 'pinktrace -h')", argv[optind - 1]);
}

static gboolean
check_contradictions (Options     *self,
                      GError     **error)
{
  gboolean piped = self->output != NULL && strchr ("|!", self->output[0]) != NULL;

  if (self->wall_clock && self->summary == SUMMARY_NONE)
    return fail (error, "-w/--summary-wall-clock must be given with -c/--summary-only or "
                 "-C/--summary");
  if (self->json && self->summary != SUMMARY_NONE)
    return fail (error, "%s and --json are mutually exclusive",
                 self->summary == SUMMARY_ONLY ? "-c/--summary-only" : "-C/--summary");
  if (self->separate && self->output == NULL)
    return fail (error, "-ff/--output-separately must be given with -o/--output");
  if (self->separate && self->summary != SUMMARY_NONE)
    return fail (error, "-c/--summary-only or -C/--summary and -ff/--output-separately are "
                 "mutually exclusive");
  if (self->separate && self->json)
    return fail (error, "--json and -ff/--output-separately are mutually exclusive");
  if (self->separate && piped)
    return fail (error, "piping the output and -ff/--output-separately are mutually exclusive");
  if (self->user != NULL && self->argv[0] == NULL)
    return fail (error, "-u/--user must be given with PROGRAM");
  if (self->seccomp_bpf && !self->follow)
    {
      g_printerr ("pinktrace: --seccomp-bpf cannot be used without -f/--follow-forks, disabling\n");
      self->seccomp_bpf = FALSE;
    }
  if (self->seccomp_bpf && (self->pids->len > 0 || self->detach_on_exec))
    return fail (error, "--seccomp-bpf and %s are mutually exclusive: what has a filter cannot live "
                 "without its tracer", self->detach_on_exec ? "-b/--detach-on" : "-p/--attach");
  self->kill_on_exit |= self->seccomp_bpf;
  if (self->kill_on_exit && self->pids->len > 0)
    return fail (error, "-p/--attach and --kill-on-exit are mutually exclusive");
  return TRUE;
}

static gboolean
check (Options     *self,
       GError     **error)
{
  gboolean to_file = self->output != NULL && self->argv[0] != NULL;

  if (!check_contradictions (self, error))
    return FALSE;
  if (self->argv[0] == NULL && self->pids->len == 0)
    return fail (error, "must have PROGRAM [ARGUMENT…] or -p PID (try 'pinktrace -h')");

  /* With -o the terminal is the program's, and the trace is for a file. */
  if (self->interrupt == INTERRUPT_DEFAULT)
    self->interrupt = to_file ? INTERRUPT_NEVER : INTERRUPT_WAITING;
  if (to_file && !self->quiet_given)
    self->quiet |= QUIET_ATTACH | QUIET_PERSONALITY;
  return TRUE;
}

OptionsResult
options_parse (Options  *self,
               int       argc,
               char    **argv,
               GError  **error)
{
  guint n_quiet = 0;
  int option;

  memset (self, 0, sizeof *self);
  self->calls = call_set_new_all ();
  self->environment = g_ptr_array_new_with_free_func (g_free);
  self->pids = g_array_new (FALSE, FALSE, sizeof (int));
  self->rules = g_ptr_array_new_with_free_func (g_object_unref);
  self->paths = g_ptr_array_new_with_free_func (g_free);
  self->statuses = STATUS_ALL;
  self->column = 40;
  self->string_limit = 32;

  while ((option = getopt_long (argc, argv, short_options, long_options, NULL)) != -1)
    switch (option)
      {
      case 'h':
        fputs (help_text, stdout);
        return OPTIONS_DONE;
      case 'V':
        printf ("pinktrace -- version %s\n"
                "This is free software, under the LGPL, version 2.1 or later; there is NO WARRANTY.\n",
                pink_get_version ());
        return OPTIONS_DONE;
      case '?':
      case ':':
        fail_usage (option, argv, error);
        return OPTIONS_ERROR;
      default:
        if (!parse_one (self, option, &n_quiet, error))
          return OPTIONS_ERROR;
      }

  self->argv = (const char **) argv + optind;
  return check (self, error) ? OPTIONS_RUN : OPTIONS_ERROR;
}

void
options_clear (Options *self)
{
  g_clear_pointer (&self->output, g_free);
  g_clear_pointer (&self->user, g_free);
  g_clear_pointer (&self->calls, call_set_free);
  g_clear_pointer (&self->environment, g_ptr_array_unref);
  g_clear_pointer (&self->pids, g_array_unref);
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  g_clear_pointer (&self->paths, g_ptr_array_unref);
  style_clear (&self->style);
}
