/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A log for other programs: one JSON object a line, with the members that the tool's
 * --json has for a call.
 */
#include "pinktrace-glib.h"

#include "pink-log-file-private.h"
#include "pink-syscall-event-private.h"
#include "pink-syscall-log-private.h"

static void
append_text (GString    *line,
             const char *value)
{
  g_string_append_c (line, '"');
  for (; *value != '\0'; value++)
    if (*value == '"' || *value == '\\')
      g_string_append_printf (line, "\\%c", *value);
    else if ((guchar) *value < 0x20 || *value == 0x7f)
      g_string_append_printf (line, "\\u%04x", (guint) (guchar) *value);
    else
      g_string_append_c (line, *value);
  g_string_append_c (line, '"');
}

static void
append_string (GString    *line,
               const char *member,
               const char *value)
{
  g_string_append_printf (line, ",\"%s\":", member);
  if (value != NULL)
    append_text (line, value);
  else
    g_string_append (line, "null");
}

static void
append_int (GString    *line,
            const char *member,
            gint64      value)
{
  g_string_append_printf (line, ",\"%s\":%" G_GINT64_FORMAT, member, value);
}

/* Hexadecimal text: many readers of JSON round numbers above 2^53. */
static void
append_arguments (GString          *line,
                  PinkSyscallEvent *call)
{
  guint n = pink_syscall_event_get_n_arguments (call);

  g_string_append (line, ",\"args\":[");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (line, "%s\"0x%" G_GINT64_MODIFIER "x\"", i > 0 ? "," : "",
                            pink_syscall_event_get_argument (call, i));
  g_string_append_c (line, ']');
}

/* ---- to_variant()'s details ---- */

static void append_value (GString  *line,
                          GVariant *value);

/* What is text is not told again as bytes. */
static void
append_dictionary (GString  *line,
                   GVariant *dictionary)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;
  const char *before = "";

  g_string_append_c (line, '{');
  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      if (g_str_equal (name, "bytes") && g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
        continue;
      g_string_append (line, before);
      append_text (line, name);
      g_string_append_c (line, ':');
      append_value (line, value);
      before = ",";
    }
  g_string_append_c (line, '}');
}

static void
append_list (GString  *line,
             GVariant *list)
{
  g_string_append_c (line, '[');
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (list, i);

      g_string_append (line, i > 0 ? "," : "");
      append_value (line, child);
    }
  g_string_append_c (line, ']');
}

static void
append_number (GString *line,
               guint64  magnitude,
               gint64   value)
{
  if (magnitude <= G_GUINT64_CONSTANT (1) << 53)
    g_string_append_printf (line, "%" G_GINT64_FORMAT, value);
  else
    g_string_append_printf (line, "\"0x%" G_GINT64_MODIFIER "x\"", (guint64) value);
}

static void
append_value (GString  *line,
              GVariant *value)
{
  gint64 number;

  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      g_string_append (line, g_variant_get_boolean (value) ? "true" : "false");
      break;
    case G_VARIANT_CLASS_INT64:
      number = g_variant_get_int64 (value);
      append_number (line, number < 0 ? -(guint64) number : (guint64) number, number);
      break;
    case G_VARIANT_CLASS_UINT64:
      append_number (line, g_variant_get_uint64 (value), (gint64) g_variant_get_uint64 (value));
      break;
    case G_VARIANT_CLASS_STRING:
      append_text (line, g_variant_get_string (value, NULL));
      break;
    default:
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
        append_dictionary (line, value);
      else
        append_list (line, value);
    }
}

static void
append_details (GString          *line,
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
      g_string_append_printf (line, ",\"%s\":", parts[i].member);
      append_value (line, part);
    }
}

/* ---- lines ---- */

static void
append_call (GString          *line,
             PinkSyscallEvent *call)
{
  g_autofree char *text = pink_syscall_event_to_string (call);
  const char *abi = pink_abi_get_name (pink_syscall_event_get_abi (call));

  g_string_append (line, "{\"type\":\"syscall\"");
  append_int (line, "pid", pink_tracee_get_pid (pink_syscall_event_get_tracee (call)));
  append_string (line, "abi", abi != NULL ? abi : "unknown");
  append_string (line, "name", pink_syscall_event_get_name (call));
  append_int (line, "number", (gint64) pink_syscall_event_get_number (call));
  append_arguments (line, call);
  append_string (line, "text", text);
  append_details (line, call);
  if (call->has_result)
    {
      append_int (line, "result", pink_syscall_event_get_return_value (call));
      if (pink_syscall_event_get_error_code (call) != 0)
        {
          append_int (line, "error", pink_syscall_event_get_error_code (call));
          append_string (line, "error_name", pink_syscall_event_get_error_name (call));
        }
    }
  append_int (line, "time", pink_syscall_event_get_time (call));
  if (call->has_result)
    append_int (line, "duration", pink_syscall_event_get_duration (call));
  g_string_append (line, "}\n");
}

static gboolean
write_lines (PinkSyscallLog  *self,
             GOutputStream   *stream,
             GCancellable    *cancellable,
             GError         **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PinkSyscallEvent) call = g_list_model_get_item (G_LIST_MODEL (self), i);

      append_call (text, call);
      if (text->len < 256 * 1024 && i + 1 < n)
        continue;
      if (!g_output_stream_write_all (stream, text->str, text->len, NULL, cancellable, error))
        return FALSE;
      g_string_truncate (text, 0);
    }
  return TRUE;
}

/**
 * pink_syscall_log_export_json:
 * @self: a log
 * @file: where to
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Writes all rows into a file as JSON, an object a line. The members are those that
 * `pinktrace --json` has for a call: `type` ("syscall"), `pid`, `abi`, `name`, `number`,
 * `args` (hexadecimal texts), `text`, `details` (see pink_syscall_event_to_variant()), `time` (microseconds since 1970), and where the call
 * has returned `result`, `result_details`, `error` and `error_name` where it failed,
 * `duration` (microseconds).
 *
 * Returns: %TRUE, or %FALSE with an error of #GIOErrorEnum; a file that was there is then
 *   as it was
 *
 * Since: 1.0
 */
gboolean
pink_syscall_log_export_json (PinkSyscallLog  *self,
                              GFile           *file,
                              GCancellable    *cancellable,
                              GError         **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _pink_log_replace_file (self, file, write_lines, cancellable, error);
}
