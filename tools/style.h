/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How calls are written: -v, -X, -x, -y, and the -e qualifiers that choose it by call
 * or by descriptor.
 */
#pragma once

#include "callset.h"

typedef struct
{
  gboolean  given;
  gboolean  inverted;
  GArray   *numbers; /* of int */
} Descriptors;

typedef struct
{
  PinkTextFlags flags;   /* of all calls */
  CallSet      *abbrev;  /* NULL: all */
  CallSet      *verbose; /* NULL: all */
  CallSet      *raw;     /* NULL: none */
  Descriptors   read;
  Descriptors   write;
} Style;

gboolean style_has_qualifier     (const char  *name);
gboolean style_parse_qualifier   (Style       *self,
                                  const char  *name,
                                  const char  *text,
                                  GError     **error);
/* -X, -x and -y; TEXT may be NULL for the last two: once more of it. */
gboolean style_parse_constants   (Style       *self,
                                  const char  *text,
                                  GError     **error);
gboolean style_parse_hex         (Style       *self,
                                  const char  *text,
                                  GError     **error);
gboolean style_parse_descriptors (Style       *self,
                                  const char  *text,
                                  GError     **error);
void     style_clear             (Style       *self);

/* Whether style_flags_of() differs from call to call. */
gboolean      style_is_by_call (const Style *self);
PinkTextFlags style_flags_of   (const Style *self,
                                const char  *name);
gboolean      descriptors_contain (const Descriptors *self,
                                   int                number);
