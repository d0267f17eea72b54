/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* getopt_long() and not GOptionContext: the same function as strace's, so that
 * its command lines mean the same here ("-qqcw", "-oFILE", "--trac=open"). */
enum
{
  OPTION_JSON = 256,
  OPTION_QUIET
};

/* "+": what follows the program is the program's. ":": messages are ours. */
static const char short_options[] = "+:a:cE:e:hI:o:qs:Vw";

static const struct option long_options[] = {
  { "columns", required_argument, NULL, 'a' },
  { "env", required_argument, NULL, 'E' },
  { "help", no_argument, NULL, 'h' },
  { "interruptible", required_argument, NULL, 'I' },
  { "json", no_argument, NULL, OPTION_JSON },
  { "output", required_argument, NULL, 'o' },
  { "quiet", optional_argument, NULL, OPTION_QUIET },
  { "silence", optional_argument, NULL, OPTION_QUIET },
  { "silent", optional_argument, NULL, OPTION_QUIET },
  { "string-limit", required_argument, NULL, 's' },
  { "summary-only", no_argument, NULL, 'c' },
  { "summary-wall-clock", no_argument, NULL, 'w' },
  { "trace", required_argument, NULL, 't' },
  { "version", no_argument, NULL, 'V' },
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

static gboolean
parse_quiet (const char  *text,
             Quiet       *quiet,
             GError     **error)
{
  static const struct { const char *name; Quiet bits; } table[] = {
    { "all", QUIET_ALL }, { "none", QUIET_NONE },
    { "exit", QUIET_EXIT }, { "exits", QUIET_EXIT },
    { "personality", QUIET_PERSONALITY },
    { "attach", QUIET_OTHER }, { "path-resolution", QUIET_OTHER },
    { "path-resolve", QUIET_OTHER }, { "superseded", QUIET_OTHER },
    { "thread-execve", QUIET_OTHER },
  };
  gboolean negated = text[0] == '!';
  g_auto (GStrv) words = g_strsplit (text + negated, ",", -1);
  Quiet bits = QUIET_NONE;

  for (guint i = 0; words[i] != NULL; i++)
    {
      gsize j = 0;

      while (j < G_N_ELEMENTS (table) && !g_str_equal (words[i], table[j].name))
        j++;
      if (j == G_N_ELEMENTS (table))
        return fail (error, "invalid quiet '%s'", words[i]);
      bits |= table[j].bits;
    }
  *quiet = negated ? QUIET_ALL & ~bits : bits;
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

/* -e [QUALIFIER=]VALUE */
static gboolean
parse_expression (Options     *self,
                  const char  *text,
                  GError     **error)
{
  static const char * const trace[] = { "trace", "t", NULL };
  static const char * const quiet[] = { "quiet", "silent", "silence", "q", NULL };
  static const char * const others[] = {
    "abbrev", "a", "verbose", "v", "raw", "x", "signal", "signals", "s", "read", "reads", "r",
    "write", "writes", "w", "fault", "inject", "status", "decode-fds", "decode-fd",
    "decode-pids", "decode-pid", "kvm", NULL
  };
  const char *equals = strchr (text, '=');
  g_autofree char *name = equals != NULL ? g_strndup (text, (gsize) (equals - text)) : NULL;

  if (name == NULL)
    return parse_trace (self, text, error);
  if (g_strv_contains (trace, name))
    return parse_trace (self, equals + 1, error);
  if (g_strv_contains (quiet, name))
    return parse_quiet (equals + 1, &self->quiet, error);
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
    case 'c':
      self->summary = TRUE;
      return TRUE;
    case 'E':
      if (optarg[0] == '\0' || optarg[0] == '=')
        return fail (error, "invalid -E argument: '%s'", optarg);
      g_ptr_array_add (self->environment, g_strdup (optarg));
      return TRUE;
    case 'e':
      return parse_expression (self, optarg, error);
    case 'I':
      if (!parse_number ("-I", optarg, 1, 4, &number, error))
        return FALSE;
      self->interrupt = (Interrupt) number;
      return TRUE;
    case 'o':
      g_free (self->output);
      self->output = g_strdup (optarg);
      return TRUE;
    case 's':
      return parse_number ("-s", optarg, 0, G_MAXUINT / 4, &self->string_limit, error);
    case 't':
      return parse_trace (self, optarg, error);
    case 'w':
      self->wall_clock = TRUE;
      return TRUE;
    case OPTION_JSON:
      self->json = TRUE;
      return TRUE;
    case OPTION_QUIET:
      if (optarg != NULL)
        return parse_quiet (optarg, &self->quiet, error);
      G_GNUC_FALLTHROUGH;
    case 'q':
      /* Once: what -o leaves out anyway. Twice: the end, too. Thrice: all. */
      *n_quiet += 1;
      self->quiet |= *n_quiet == 1 ? QUIET_PERSONALITY : *n_quiet == 2 ? QUIET_EXIT : QUIET_ALL;
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
  if (optopt < OPTION_JSON && strchr (short_options, optopt) == NULL)
    return fail (error, "invalid option -- '%c' (try 'pinktrace -h')", optopt);
  return fail (error, "option '%s' takes no argument (try 'pinktrace -h')", argv[optind - 1]);
}

static gboolean
check (Options     *self,
       GError     **error)
{
  if (self->wall_clock && !self->summary)
    return fail (error, "-w/--summary-wall-clock must be given with -c/--summary-only");
  if (self->json && self->summary)
    return fail (error, "-c/--summary-only and --json are mutually exclusive");
  if (self->argv[0] == NULL)
    return fail (error, "must have PROGRAM [ARGUMENT…] (try 'pinktrace -h')");

  /* With -o the terminal is the program's, and the trace is for a file. */
  if (self->interrupt == INTERRUPT_DEFAULT)
    self->interrupt = self->output != NULL ? INTERRUPT_NEVER : INTERRUPT_WAITING;
  if (self->output != NULL)
    self->quiet |= QUIET_PERSONALITY;
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
  g_clear_pointer (&self->calls, call_set_free);
  g_clear_pointer (&self->environment, g_ptr_array_unref);
}
