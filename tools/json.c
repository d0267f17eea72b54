/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One JSON object a line; what is in them is said in pinktrace(1).
 */
#include "report.h"
#include "siginfo.h"

#include <json-glib/json-glib.h>
#include <string.h>

typedef struct
{
  Report            base;
  Output           *output;
  JsonBuilder      *builder;
  JsonGenerator    *generator;
  GString          *line;
  GHashTable       *open; /* by PinkTracee, the PinkSyscallEvent that has not returned yet */
  const Options    *options;
} Json;

static void
add_string (Json       *self,
            const char *member,
            const char *value)
{
  json_builder_set_member_name (self->builder, member);
  if (value != NULL)
    json_builder_add_string_value (self->builder, value);
  else
    json_builder_add_null_value (self->builder);
}

static void
take_string (Json       *self,
             const char *member,
             char       *value)
{
  add_string (self, member, value);
  g_free (value);
}

static void
add_int (Json       *self,
         const char *member,
         gint64      value)
{
  json_builder_set_member_name (self->builder, member);
  json_builder_add_int_value (self->builder, value);
}

static void
begin_object (Json       *self,
              const char *type,
              PinkTracee *tracee)
{
  json_builder_begin_object (self->builder);
  add_string (self, "type", type);
  add_int (self, "pid", pink_tracee_get_pid (tracee));
}

static void
end_object (Json *self)
{
  g_autoptr (JsonNode) root = NULL;

  json_builder_end_object (self->builder);
  root = json_builder_get_root (self->builder);
  json_generator_set_root (self->generator, root);
  json_generator_to_gstring (self->generator, g_string_truncate (self->line, 0));
  g_string_append_c (self->line, '\n');
  output_write (self->output, self->line->str, (gssize) self->line->len);
  json_builder_reset (self->builder);
}

/* Hexadecimal text: many readers of JSON round numbers above 2^53. */
static void
add_arguments (Json             *self,
               PinkSyscallEvent *call)
{
  guint n = pink_syscall_event_get_n_arguments (call);

  json_builder_set_member_name (self->builder, "args");
  json_builder_begin_array (self->builder);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *hex = pink_syscall_event_get_argument_hex (call, i);

      json_builder_add_string_value (self->builder, hex);
    }
  json_builder_end_array (self->builder);
}

static void add_value (Json     *self,
                       GVariant *value);

/* What is text is not told again as bytes. */
static void
add_dictionary (Json     *self,
                GVariant *dictionary)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  json_builder_begin_object (self->builder);
  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    if (!g_str_equal (name, "bytes") || !g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
      {
        json_builder_set_member_name (self->builder, name);
        add_value (self, value);
      }
  json_builder_end_object (self->builder);
}

static void
add_list (Json     *self,
          GVariant *list)
{
  json_builder_begin_array (self->builder);
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (list, i);

      add_value (self, child);
    }
  json_builder_end_array (self->builder);
}

/* Many readers of JSON round numbers above 2^53: those are hexadecimal text. */
static void
add_number (Json    *self,
            guint64  magnitude,
            gint64   value)
{
  char hex[24];

  if (magnitude <= G_GUINT64_CONSTANT (1) << 53)
    {
      json_builder_add_int_value (self->builder, value);
      return;
    }
  g_snprintf (hex, sizeof hex, "0x%" G_GINT64_MODIFIER "x", (guint64) value);
  json_builder_add_string_value (self->builder, hex);
}

/* The one control character that JSON-GLib writes as it is. */
static void
add_text (Json       *self,
          const char *text)
{
  g_auto (GStrv) parts = NULL;
  g_autofree char *escaped = NULL;

  if (strchr (text, '\x1f') == NULL)
    {
      json_builder_add_string_value (self->builder, text);
      return;
    }
  parts = g_strsplit (text, "\x1f", -1);
  escaped = g_strjoinv ("\\x1f", parts);
  json_builder_add_string_value (self->builder, escaped);
}

static void
add_value (Json     *self,
           GVariant *value)
{
  gint64 number;

  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      json_builder_add_boolean_value (self->builder, g_variant_get_boolean (value));
      break;
    case G_VARIANT_CLASS_INT64:
      number = g_variant_get_int64 (value);
      add_number (self, number < 0 ? -(guint64) number : (guint64) number, number);
      break;
    case G_VARIANT_CLASS_UINT64:
      add_number (self, g_variant_get_uint64 (value), (gint64) g_variant_get_uint64 (value));
      break;
    case G_VARIANT_CLASS_STRING:
      add_text (self, g_variant_get_string (value, NULL));
      break;
    case G_VARIANT_CLASS_ARRAY:
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
        add_dictionary (self, value);
      else
        add_list (self, value);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* The arguments and the result in data, as the library has them. */
static void
add_details (Json             *self,
             PinkSyscallEvent *call)
{
  static const struct { const char *key; const char *member; } parts[] = {
    { "details", "details" }, { "result-details", "result_details" }, { "result-extra", "result_extra" }
  };
  g_autoptr (GVariant) variant = g_variant_ref_sink (pink_syscall_event_to_variant (call));

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (GVariant) part = g_variant_lookup_value (variant, parts[i].key, NULL);

      if (part == NULL)
        continue;
      json_builder_set_member_name (self->builder, parts[i].member);
      add_value (self, part);
    }
}

static void
write_call (Json             *self,
            PinkSyscallEvent *call,
            gboolean          returned)
{
  guint64 number = pink_syscall_event_get_number (call);
  const char *abi = pink_abi_get_name (pink_syscall_event_get_abi (call));

  begin_object (self, "syscall", pink_syscall_event_get_tracee (call));
  add_string (self, "abi", abi != NULL ? abi : "unknown");
  add_string (self, "name", pink_syscall_event_get_name (call));
  add_int (self, "number", (gint64) number);
  add_arguments (self, call);
  take_string (self, "text", returned ? pink_syscall_event_to_string (call)
                                      : pink_syscall_event_get_call_text (call));
  add_details (self, call);
  if (returned)
    {
      add_int (self, "result", pink_syscall_event_get_return_value (call));
      if (pink_syscall_event_get_error_code (call) != 0)
        {
          add_int (self, "error", pink_syscall_event_get_error_code (call));
          add_string (self, "error_name", pink_syscall_event_get_error_name (call));
        }
    }
  add_int (self, "time", pink_syscall_event_get_time (call));
  if (returned)
    add_int (self, "duration", pink_syscall_event_get_duration (call));
  end_object (self);
}

static void
write_open (Json       *self,
            PinkTracee *tracee)
{
  PinkSyscallEvent *call = g_hash_table_lookup (self->open, tracee);

  if (call == NULL)
    return;
  if (self->options->statuses & STATUS_UNFINISHED)
    write_call (self, call, FALSE);
  g_hash_table_remove (self->open, tracee);
}

static void
json_entered (Report           *report,
              PinkSyscallEvent *call)
{
  Json *self = (Json *) report;
  PinkTracee *tracee = pink_syscall_event_get_tracee (call);
  /* What the call may write over is remembered by the event once it is asked for. */
  g_autofree char *text = pink_syscall_event_get_call_text (call);

  write_open (self, tracee);
  g_hash_table_insert (self->open, tracee, g_object_ref (call));
}

static void
json_returned (Report           *report,
               PinkSyscallEvent *call)
{
  Json *self = (Json *) report;

  if (report_has_status (self->options, call))
    write_call (self, call, TRUE);
  g_hash_table_remove (self->open, pink_syscall_event_get_tracee (call));
  output_flush (self->output);
}

static void
json_added (Report     *report,
            PinkTracee *tracee)
{
  Json *self = (Json *) report;
  PinkTracee *parent = pink_tracee_get_parent (tracee);

  if (pink_tracee_get_birth (tracee) == PINK_TRACEE_BIRTH_SPAWN)
    return;
  begin_object (self, "attached", tracee);
  add_int (self, "process", pink_tracee_get_tgid (tracee));
  if (parent != NULL)
    add_int (self, "parent", pink_tracee_get_pid (parent));
  end_object (self);
}

static void
add_signal (Json *self,
            int   number)
{
  add_int (self, "signal", number);
  add_string (self, "signal_name", pink_signal_name (number));
}

static void
json_signalled (Report          *report,
                PinkSignalEvent *event)
{
  Json *self = (Json *) report;

  begin_object (self, "signal", pink_signal_event_get_tracee (event));
  add_signal (self, pink_signal_event_get_number (event));
  add_int (self, "code", pink_signal_event_get_code (event));
  if (pink_signal_event_get_sender (event) != 0)
    add_int (self, "sender", pink_signal_event_get_sender (event));
  take_string (self, "text", siginfo_to_string (event));
  end_object (self);
  output_flush (self->output);
}

static void
json_group_stopped (Report     *report,
                    PinkTracee *tracee,
                    int         number)
{
  Json *self = (Json *) report;

  begin_object (self, "stopped", tracee);
  add_signal (self, number);
  end_object (self);
  output_flush (self->output);
}

static void
json_detached (Report     *report,
               PinkTracee *tracee)
{
  Json *self = (Json *) report;

  write_open (self, tracee);
  begin_object (self, "detached", tracee);
  end_object (self);
  output_flush (self->output);
}

static void
json_ended (Report     *report,
            PinkTracee *tracee)
{
  Json *self = (Json *) report;
  int number = pink_tracee_get_term_signal (tracee);
  int superseder = pink_tracee_get_superseder (tracee);

  write_open (self, tracee);
  if (self->options->quiet & (superseder != 0 ? QUIET_SUPERSEDED : number == 0 ? QUIET_EXIT : 0))
    return;
  begin_object (self, superseder != 0 ? "superseded" : number != 0 ? "killed" : "exited", tracee);
  if (superseder != 0)
    add_int (self, "by", superseder);
  else if (number != 0)
    {
      add_signal (self, number);
      json_builder_set_member_name (self->builder, "core_dumped");
      json_builder_add_boolean_value (self->builder, pink_tracee_get_core_dumped (tracee));
    }
  else
    add_int (self, "exit_code", pink_tracee_get_exit_code (tracee));
  end_object (self);
  output_flush (self->output);
}

static void
json_finish (Report *report)
{
  Json *self = (Json *) report;
  GHashTableIter iter;
  gpointer call;

  g_hash_table_iter_init (&iter, self->open);
  while (g_hash_table_iter_next (&iter, NULL, &call))
    write_call (self, call, FALSE);
  g_hash_table_unref (self->open);
  g_object_unref (self->builder);
  g_object_unref (self->generator);
  g_string_free (self->line, TRUE);
  g_free (self);
}

Report *
json_new (const Options *options,
          Output        *output)
{
  Json *self = g_new0 (Json, 1);

  self->base.added = json_added;
  self->base.entered = json_entered;
  self->base.returned = json_returned;
  self->base.signalled = json_signalled;
  self->base.group_stopped = json_group_stopped;
  self->base.detached = json_detached;
  self->base.ended = json_ended;
  self->base.finish = json_finish;
  self->output = output;
  self->options = options;
  self->open = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->builder = json_builder_new_immutable ();
  self->generator = json_generator_new ();
  self->line = g_string_new (NULL);
  return &self->base;
}
