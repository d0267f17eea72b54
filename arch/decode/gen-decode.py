#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make C of the descriptions of arguments.

gen-decode.py OUT.c OUT.h syscalls.txt calls.txt DESCRIPTION…

calls.txt refines what syscalls.txt says of the arguments; the DESCRIPTIONs hold
flags, structures and unions. README.md tells their form. What is not understood
ends the build, with its line.
"""

import importlib.util
import os
import re
import sys

spec = importlib.util.spec_from_file_location(
    "gen_syscalls", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gen-syscalls.py"))
syscalls = importlib.util.module_from_spec(spec)
spec.loader.exec_module(syscalls)
Mistake = syscalls.Mistake

ALL = [one for ids in syscalls.ABIS.values() for one in ids]
GROUPS = dict(syscalls.ABIS)
GROUPS.update({
    "mips": [one for one in ALL if one.startswith("MIPS")],
    "ppc": ["POWERPC", "POWERPC64", "POWERPC64LE"],
    "x86": ["X86_64", "I386", "X32"],
    "32bit": ["I386", "ARM", "POWERPC", "S390", "MIPS_O32", "MIPSEL_O32"],
    "64bit": ["X86_64", "AARCH64", "POWERPC64", "POWERPC64LE", "IA64", "RISCV64", "S390X",
              "MIPS_N64", "MIPSEL_N64", "LOONGARCH64"],
    "s390both": ["S390X", "S390"],
    "big": ["POWERPC", "POWERPC64", "S390X", "S390", "MIPS_O32", "MIPS_N32", "MIPS_N64"],
    "mipsel_32": ["MIPSEL_O32", "MIPSEL_N32"],
    "generic": ["AARCH64", "RISCV64", "LOONGARCH64"],
})

# Bytes of pointer and of long, and what 64 bits are aligned to.
LP64, ILP32, I386, X32 = (8, 8, 8), (4, 4, 8), (4, 4, 4), (4, 8, 8)
MODEL = {one: LP64 for one in ALL}
for one in GROUPS["32bit"] + GROUPS["mips_n32"]:
    MODEL[one] = ILP32
MODEL["I386"] = I386
MODEL["X32"] = X32

WIDTHS = {"1": "1", "2": "2", "4": "4", "8": "8", "long": "LONG", "word": "WORD"}
# name → (width, form)
NUMBERS = {
    "int": ("4", "SIGNED"), "uint": ("4", "UNSIGNED"),
    "long": ("long", "SIGNED"), "ulong": ("long", "UNSIGNED"),
    "llong": ("8", "SIGNED"), "ullong": ("8", "UNSIGNED"),
    "word": ("word", "UNSIGNED"), "sword": ("word", "SIGNED"),
    "hexword": ("word", "HEX"),
    "hex": ("long", "HEX"), "hex32": ("4", "HEX"), "oct": ("4", "OCT"),
    "s8": ("1", "SIGNED"), "s16": ("2", "SIGNED"), "s32": ("4", "SIGNED"), "s64": ("8", "SIGNED"),
    "u8": ("1", "UNSIGNED"), "u16": ("2", "UNSIGNED"), "u32": ("4", "UNSIGNED"),
    "u64": ("8", "UNSIGNED"),
    "x8": ("1", "HEX"), "x16": ("2", "HEX"), "x32": ("4", "HEX"), "x64": ("8", "HEX"),
    "x32full": ("4", "HEX8"),
    "fd": ("4", "FD"), "dirfd": ("4", "DIRFD"), "pid": ("4", "PID"), "uid": ("4", "UID"),
    "signal": ("4", "SIGNAL"), "perm": ("4", "MODE"), "umode": ("2", "MODE"),
}
SUFFIXES = {"s8": ("1", "SIGNED"), "s16": ("2", "SIGNED"), "s32": ("4", "SIGNED"),
            "u8": ("1", "UNSIGNED"), "u16": ("2", "UNSIGNED"), "u32": ("4", "UNSIGNED"),
            "u64": ("8", "UNSIGNED"), "s64": ("8", "SIGNED"), "long": ("long", None),
            "word": ("word", None), "x32": ("4", "HEX"), "x16": ("2", "HEX"), "x8": ("1", "HEX"),
            "x64": ("8", "HEX"), "xlong": ("long", "HEX")}
WORDS = {"pointer": "ADDRESS", "path": "PATH", "string": "STRING", "strv": "STRINGS",
         "envv": "ENVIRONMENT"}
REFS_OF = {"buf": 1, "out": 1, "chars": 1, "bytes": 1}
KIND_TYPES = {"strv": "strv", "oct": "umode"}

TESTS = {"when": "TEST_SOME", "unless": "TEST_NONE", "is": "TEST_EQUAL", "isnt": "TEST_OTHER"}
MARKS = {"-": "HIDDEN", "~": "VERBOSE", "?": "NONZERO", "*": "TELLING"}

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Type(tuple):
    """(op, width, form, index, sub, refs)"""


class World:
    def __init__(self):
        self.tables = {}
        self.structs = {}
        self.shows = {}
        self.unions = {}
        self.specials = {}
        self.types = []
        self.type_ids = {}
        self.order = {"tables": [], "structs": [], "unions": [], "specials": []}

    def intern(self, op, width="4", form="SIGNED", index=0, sub=0, refs=()):
        refs = tuple(refs) + (("NONE", 0),) * (3 - len(refs))
        one = Type((op, width, form, index, sub, refs))
        if one not in self.type_ids:
            self.type_ids[one] = len(self.types)
            self.types.append(one)
        return self.type_ids[one]


class Scope:
    """What a reference may name."""

    def __init__(self, kind, names, table=None):
        self.kind = kind
        self.names = names

    def ref(self, word):
        if word in ("", "-"):
            return ("NONE", 0)
        if re.match(r"(0x[0-9a-f]+|[0-9]+)\Z", word):
            return ("CONST", int(word, 0))
        if word in ("result", "done"):
            return (word.upper(), 0)
        if re.match(r"\$[1-3]\Z", word):
            return ("PARAM", int(word[1]) - 1)
        deref = word.startswith("*")
        name = word[1:] if deref else word
        if name not in self.names:
            raise Mistake("nothing here is called %s" % name)
        if deref and self.kind != "ARG":
            raise Mistake("only an argument points: %s" % word)
        return ("DEREF" if deref else self.kind, self.names.index(name))


def parse_type(world, text, scope, width=None):
    """→ id of the type; all of the text must be one"""
    ident, rest = parse_some(world, text, scope, width)
    if rest:
        raise Mistake("not understood in a type: %s" % rest)
    return ident


def parse_some(world, text, scope, width=None):
    for mark, form in (("<>", "BOTH"), ("&", "IN"), (">", "OUT")):
        if text.startswith(mark):
            wide = text.startswith("64", len(mark))
            sub, rest = parse_some(world, text[len(mark) + 2 * wide:], scope)
            return world.intern("POINTER", "8" if wide else "word", form="DIR_" + form, sub=sub), rest
    if text.startswith("["):
        ref, rest = text[1:].split("]", 1)
        sub, rest = parse_some(world, rest, scope)
        refs = [scope.ref(one) for one in ref.split(",")]
        return world.intern("ARRAY", sub=sub, refs=refs), rest
    match = NAME.match(text)
    if not match:
        raise Mistake("not a type: %s" % text)
    name = match.group(0)
    rest = text[match.end():]
    refs = []
    suffix = None
    if name in TESTS:
        match = re.match(r"\(([^,]*),([^)]*)\)", rest)
        if not match:
            raise Mistake("not %s(NAME,VALUE): %s" % (name, text))
        value = value_of(world, match.group(2))
        sub, rest = parse_some(world, rest[match.end():], scope)
        return world.intern("WHEN", form=TESTS[name], sub=sub,
                            refs=[scope.ref(match.group(1)), ("CONST", value)]), rest
    if name == "sized":
        match = re.match(r"\(([^,)]*)(?:,([0-9]+))?\)([A-Za-z_]\w*)", rest)
        if not match or match.group(3) not in world.structs:
            raise Mistake("not sized(LENGTH,LEAST)STRUCTURE: %s" % text)
        return world.intern("SIZED", index=world.order["structs"].index(match.group(3)),
                            refs=[scope.ref(match.group(1)), ("CONST", int(match.group(2) or 1))]), rest[match.end():]
    if rest.startswith("("):
        inside, rest = rest[1:].split(")", 1)
        refs = [scope.ref(one) for one in inside.split(",")]
    if rest.startswith("."):
        match = re.match(r"\.([a-z0-9]+)", rest)
        suffix, rest = match.group(1), rest[match.end():]
        if suffix not in SUFFIXES:
            raise Mistake("no such size: %s" % suffix)
    return make(world, name, refs, suffix, width), rest


def value_of(world, text):
    value = 0
    for word in text.split("|"):
        if re.match(r"(0x[0-9a-f]+|[0-9]+)\Z", word):
            value |= int(word, 0)
            continue
        for table in world.tables.values():
            found = [entry for entry in table.entries if entry[0] == word]
            if found:
                if any(value != found[0][1][ALL[0]] for value in found[0][1].values()):
                    raise Mistake("not the same value everywhere: %s" % word)
                value |= found[0][1][ALL[0]][0]
                break
        else:
            raise Mistake("no such flag: %s" % word)
    return value


def make(world, name, refs, suffix, width):
    if name in NUMBERS:
        wide, form = NUMBERS[name]
        if width is not None and form in ("FD", "DIRFD", "PID", "UID", "SIGNAL", "MODE", "HEX"):
            wide = width
        if suffix:
            wide = SUFFIXES[suffix][0]
        return world.intern("NUMBER", wide, form)
    if name == "none":
        return world.intern("NONE")
    if name == "address64":
        return world.intern("ADDRESS", "8")
    if name == "hidden":
        return world.intern("HIDDEN")
    if name in WORDS:
        return world.intern(WORDS[name], SUFFIXES[suffix][0] if suffix else "word")
    if name in REFS_OF:
        if len(refs) < REFS_OF[name]:
            raise Mistake("%s needs a length" % name)
        op = {"buf": "BUFFER", "out": "OUT_BUFFER", "chars": "CHARS", "bytes": "BYTES"}[name]
        return world.intern(op, SUFFIXES[suffix][0] if suffix else "word", refs=refs)
    if name in world.tables:
        table = world.tables[name]
        wide, form = SUFFIXES[suffix] if suffix else (width or "4", None)
        if table.kind == "flags":
            form = "HEX"  # they have no sign, whatever the number has
        elif form is None:
            form = table.form
        return world.intern("FLAGS" if table.kind == "flags" else "ENUM", wide, form,
                            world.order["tables"].index(name))
    if name in world.structs:
        return world.intern("STRUCT", index=world.order["structs"].index(name), refs=refs)
    if name in world.unions:
        if not refs:
            raise Mistake("%s needs what chooses" % name)
        return world.intern("UNION", index=world.order["unions"].index(name), refs=refs)
    # A special form, in C: pink_special_NAME(). The compiler knows which there are.
    if name not in world.specials:
        world.specials[name] = True
        world.order["specials"].append(name)
    wide = SUFFIXES[suffix][0] if suffix else (width or "8")
    return world.intern("SPECIAL", wide, "SIGNED", world.order["specials"].index(name), refs=refs)


# ---- files ----

class Table:
    def __init__(self, kind, name, prefix, form):
        self.kind = kind
        self.name = name
        self.prefix = prefix
        self.form = form
        self.entries = []  # (name, {abi: (value, mask)})
        self.number = ("", 0, 0)  # bits that are a number: what it is shifted by, from which on, how many


class Struct:
    def __init__(self, name):
        self.name = name
        self.variants = []  # (abis, [(mark, name, type text, size, place)])
        self.aligned = False  # its 64-bit numbers, to 8 bytes in every ABI
        self.arguments = False  # of a call that is told where they are


def abis_of(text):
    found = []
    for word in text.split(","):
        if word not in GROUPS:
            raise Mistake("unknown ABI: %s" % word)
        found += GROUPS[word]
    return found


def parse_value(text):
    """VALUE or VALUE/MASK → (value, mask), a mask of None: the value itself"""
    match = re.match(r"(-?(?:0x[0-9a-f]+|[0-9]+))(?:/(0x[0-9a-f]+|[0-9]+))?\Z", text)
    if not match:
        raise Mistake("not a value: %s" % text)
    number = int(match.group(1), 0) if not re.match(r"0[0-7]", match.group(1)) \
        else int(match.group(1), 8)
    mask = match.group(2)
    return (number, int(mask, 0) if mask else None)


def parse_entry(table, words):
    name = words[0]
    if not NAME.match(name) or len(words) < 2:
        raise Mistake("not NAME VALUE: %s" % " ".join(words))
    bits = re.match(r"([0-9]+):([0-9]+)\Z", words[1])
    if bits:
        if table.kind != "flags" or len(words) > 2 or table.number[0]:
            raise Mistake("not one number among flags: %s" % " ".join(words))
        table.number = (name, int(bits.group(1)), int(bits.group(2)))
        return
    if words[1] == "-":
        values = {}
    else:
        values = {abi: parse_value(words[1]) for abi in ALL}
    for word in words[2:]:
        abis, _, value = word.partition("=")
        for abi in abis_of(abis):
            if value == "-":
                values.pop(abi, None)
            else:
                values[abi] = parse_value(value)
    if not values:
        raise Mistake("%s has no value at all" % name)
    table.entries.append((name, values))


def blocks(filename):
    """→ (line number, head words, [(line number, words)])"""
    head = None
    with open(filename, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            line = line.split("#", 1)[0].rstrip()
            if not line:
                continue
            if not line[0].isspace():
                if head:
                    yield head
                head = (number, line.split(), [])
            elif head:
                head[2].append((number, line.split()))
            else:
                raise Mistake("%s:%d: nothing begun" % (filename, number))
    if head:
        yield head


def read_block(world, head, lines, texts):
    kind, name = head[0], head[1] if len(head) > 1 else ""
    if not NAME.match(name):
        raise Mistake("a block without a name")
    if kind in ("flags", "enum"):
        if name in world.tables:
            raise Mistake("two tables called %s" % name)
        prefix = head[2] if len(head) > 2 and head[2] != "-" else ""
        form = {"": "HEX", "int": "SIGNED", "uint": "UNSIGNED", "hex": "HEX"}[
            head[3] if len(head) > 3 else ""]
        table = world.tables[name] = Table(kind, name, prefix, form)
        world.order["tables"].append(name)
        for number, words in lines:
            texts.append(lambda table=table, words=words: parse_entry(table, words))
            if words[0] == "include":
                texts[-1] = lambda table=table, words=words: table.entries.extend(
                    world.tables[words[1]].entries)
    elif kind == "struct":
        abis = abis_of(head[2][1:]) if len(head) > 2 and head[2].startswith("@") else ALL
        struct = world.structs.setdefault(name, Struct(name))
        struct.aligned = "aligned" in head[2:]
        struct.arguments = "arguments" in head[2:]
        if name not in world.order["structs"]:
            world.order["structs"].append(name)
        struct.variants.append((abis, [(n, words) for n, words in lines]))
    elif kind == "bits":
        if len(head) != 3 or head[2] not in world.tables:
            raise Mistake("bits NAME TABLE")
        table = world.tables[name] = Table("flags", name, "", "HEX")
        world.order["tables"].append(name)
        for entry, values in world.tables[head[2]].entries:
            table.entries.append(("1<<" + entry, {abi: (1 << value, None)
                                                  for abi, (value, _) in values.items()}))
    elif kind == "show":
        world.shows[name] = [word for _, words in lines for word in words]
    elif kind == "union":
        if len(head) != 3:
            raise Mistake("union NAME TABLE")
        world.unions[name] = (head[2], lines)
        world.order["unions"].append(name)
    else:
        raise Mistake("unknown block: %s" % kind)


def size_of(world, ident, model, abi, depth=0):
    """→ (size, alignment)"""
    op, width, form, index, sub, refs = world.types[ident]
    if depth > 8:
        raise Mistake("structures within each other")
    if op in ("NUMBER", "ENUM", "FLAGS"):
        size = {"1": 1, "2": 2, "4": 4, "8": 8, "word": model[0], "long": model[1]}[width]
        return size, min(size, model[2] if size == 8 else size)
    if op in ("POINTER", "ADDRESS", "PATH", "STRING", "STRINGS", "BUFFER", "OUT_BUFFER"):
        return (8, model[2]) if width == "8" else (model[0], model[0])
    if op in ("CHARS", "BYTES") and refs[0][0] == "CONST":
        return refs[0][1], 1
    if op == "ARRAY" and refs[0][0] == "CONST":
        size, align = size_of(world, sub, model, abi, depth + 1)
        return size * refs[0][1], align
    if op == "ARRAY":
        return 0, size_of(world, sub, model, abi, depth + 1)[1]
    if op == "STRUCT":
        return lay_out(world, world.order["structs"][index], model, abi, depth + 1)[1:]
    if op == "SPECIAL" and width in ("1", "2", "4", "8", "word", "long"):
        size = {"1": 1, "2": 2, "4": 4, "8": 8, "word": model[0], "long": model[1]}[width]
        return size, min(size, model[2] if size == 8 else size)
    if op == "WHEN":
        return size_of(world, sub, model, abi, depth + 1)
    if op in ("NONE", "HIDDEN", "UNION"):
        return 0, 1
    raise Mistake("its size is not known in a structure: %s" % op)


def variant_for(world, name, abi):
    for abis, lines in world.structs[name].variants:
        if abi in abis:
            return lines
    return None


class Field:
    """A member as it lies in an ABI: its offset and size, which bits of that it is (0: all), and
    the offset from which on it is there (0: always) where somebody says how long the structure is."""

    def __init__(self, words, ident):
        self.mark = words[0][0] if words[0][0] in MARKS else ""
        self.name = words[0].lstrip("".join(MARKS))
        self.ident = ident
        self.offset = self.size = self.shift = self.bits = self.since = 0

    def shown(self, mark, ident):
        other = Field([self.name], ident)
        other.__dict__.update(self.__dict__, mark=mark, ident=ident)
        return other

    def key(self):
        return (self.name, self.ident, self.offset, self.size, self.since, self.shift, self.bits, self.mark)


def place_bits(fields, field, size, end):
    """Bits share the number of those before them, as long as there is room."""
    before = fields[-1] if fields else None
    if before and before.bits and before.size == size and before.shift + before.bits + field.bits <= size * 8:
        field.shift = before.shift + before.bits
        return before.offset
    return (end + size - 1) // size * size


def lay_out(world, name, model, abi, depth=0):
    """→ ([Field], size, alignment)"""
    lines = variant_for(world, name, abi)
    if lines is None:
        return [], 0, 1
    if world.structs[name].aligned:
        model = (*model[:2], 8)
    names = [words[0].lstrip("".join(MARKS)) for _, words in lines]
    scope = Scope("FIELD", names)
    fields = []
    offset, total, most = 0, 0, 1
    for number, words in lines:
        try:
            if len(words) < 2:
                raise Mistake("NAME TYPE")
            text, _, bits = words[1].partition(":")
            field = Field(words, parse_type(world, text, scope))
            field.bits = int(bits or "0")
            size, align = size_of(world, field.ident, model, abi, depth)
            since = None
            for word in words[2:]:
                if word.startswith("="):     # the size of what has none, and its alignment
                    size, align = [int(one, 0) for one in (word[1:] + "/8").split("/")[:2]]
                    align = min(align, model[2]) if align == 8 else align
                elif word.startswith("@"):   # where it is
                    offset = int(word[1:], 0)
                    align = 1
                elif word.startswith("+"):   # only where the structure is that long
                    since = word[1:]
                else:
                    raise Mistake("not understood: %s" % word)
            field.offset = place_bits(fields, field, size, offset) if field.bits \
                else (offset + align - 1) // align * align
            field.size = size
            if since is not None:
                field.since = next(one.offset for one in [*fields, field] if one.name == (since or field.name))
            fields.append(field)
            offset = field.offset + size
            total = max(total, offset)
            most = max(most, align)
        except Mistake as mistake:
            raise Mistake("line %d of struct %s: %s" % (number, name, mistake)) from None
    return fields, (total + most - 1) // most * most, most


def apply_show(world, name, fields):
    """The order and forms that a "show" block gives; hidden fields stay, at the end, for references."""
    if name not in world.shows:
        return fields, [index for index, field in enumerate(fields) if field.mark != "-"]
    fields = list(fields)
    order = []
    names = [field.name for field in fields]
    scope = Scope("FIELD", names)
    for word in world.shows[name]:
        mark = word[0] if word[0] in MARKS else ""
        word = word.lstrip("".join(MARKS))
        word, _, text = word.partition(":")
        if word not in names:
            continue  # not on this ABI
        index = names.index(word)
        ident = fields[index].ident
        if text:
            ident = parse_type(world, text, scope, world.types[ident][1])
        fields[index] = fields[index].shown(mark, ident)
        order.append(index)
    return fields, order


# ---- calls ----

def read_calls(world, filename, rows):
    """→ per row: ([type id], result id or None, [(argument, label)] or None)"""
    by_name = {}
    for index, row in enumerate(rows):
        by_name.setdefault(row.name, []).append(index)
    made = [None] * len(rows)
    with open(filename, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            line = line.split("#", 1)[0].strip()
            if not line:
                continue
            try:
                read_call(world, line, rows, by_name, made)
            except Mistake as mistake:
                raise Mistake("%s:%d: %s" % (filename, number, mistake)) from None
    for index, row in enumerate(rows):
        if made[index] is None:
            made[index] = (defaults(world, row), None, None)
    return made


def defaults(world, row):
    scope = Scope("ARG", [arg[1] for arg in row.args])
    types = []
    for kind, name, aux in row.args:
        if kind in ("buf", "out"):
            types.append(parse_type(world, "%s(%s)" % (kind, row.args[aux][1]), scope))
        elif kind == "strv" and name == "envp":
            types.append(parse_type(world, "envv", scope))
        else:
            types.append(parse_type(world, KIND_TYPES.get(kind, kind), scope))
    return types


def read_call(world, line, rows, by_name, made):
    line, _, result = line.partition(" => ")
    words = line.split()
    names = words.pop(0).split(",")
    abis = None
    if words and words[0].startswith("@"):
        abis = set(abis_of(words.pop(0)[1:]))
    for name in names:
        if name not in by_name:
            raise Mistake("no such call: %s" % name)
        used = set()
        for index in by_name[name]:
            row = rows[index]
            mine = {one for abi in row.numbers for one in GROUPS[abi]}
            if abis is not None and not abis & mine:
                continue
            if made[index] is not None:
                raise Mistake("%s is described already" % name)
            arguments = [arg[1] for arg in row.args]
            scope = Scope("ARG", arguments)
            types = defaults(world, row)
            order = None
            for word in words:
                what, _, text = word.partition("=")
                if what == "order":
                    order = [(one.partition(":")[0], one.partition(":")[2]) for one in text.split(",")]
                    order = [(arguments.index(one), label) for one, label in order
                             if one in arguments]
                    used.add(what)
                elif what in arguments:
                    used.add(what)
                    types[arguments.index(what)] = parse_type(world, text, scope)
                elif what.startswith("+"):
                    used.add(what)
                    types.append(parse_type(world, text, scope))
            if len(types) > 6:
                raise Mistake("%s has more than six arguments" % name)
            made[index] = (types, parse_type(world, result.strip(), scope) if result.strip() else None,
                           order)
        missing = {word.partition("=")[0] for word in words} - used
        if missing:
            raise Mistake("%s has no argument called %s" % (name, ", ".join(sorted(missing))))


# ---- C ----

def ids_mask(abis):
    return " | ".join("1u << PINK_ARCH_%s" % one for one in abis)


def merged(pairs):
    """[(abi, content)] → [(abis, content)] of equal contents together"""
    found = []
    for abi, content in pairs:
        for abis, other in found:
            if other == content:
                abis.append(abi)
                break
        else:
            found.append(([abi], content))
    return found


class Names:
    """One text with all names, each once: {name: where it begins}. That of none comes first, at 0."""

    def __init__(self):
        self.offsets = {}
        self.size = 0
        self.offset("")

    def offset(self, name):
        if name not in self.offsets:
            self.offsets[name] = self.size
            self.size += len(name) + 1
        return self.offsets[name]

    def text(self):
        yield "const char pink_decode_text[] ="
        for name in self.offsets:
            yield '  "%s\\0"' % name
        yield "  ;"


class Array:
    """All rows of one kind, one after another: who has some of them says which is the first."""

    def __init__(self, kind, name):
        self.head = "const %s %s[] = {" % (kind, name)
        self.rows = []
        self.remarks = {}

    def extend(self, rows, remark):
        """→ where they begin"""
        first = len(self.rows)
        self.remarks[first] = remark
        self.rows.extend(rows)
        return first

    def text(self):
        yield self.head
        for index, row in enumerate(self.rows):
            if index in self.remarks:
                yield "  /* %s */" % self.remarks[index]
            yield "  %s," % row
        yield "};"


def c_entries(names, entries):
    for entry, (value, mask) in entries:
        value &= 0xFFFFFFFFFFFFFFFF
        mask = mask if mask is not None else value
        yield "{ %d, 0x%xu, 0x%xu }" % (names.offset(entry), value, mask)


def c_tables(world, names):
    named, variants, tables = (Array("PinkNamed", "pink_named"), Array("PinkTableVariant", "pink_table_variants"),
                               Array("PinkTable", "pink_tables"))
    for name in world.order["tables"]:
        table = world.tables[name]
        mine = []
        for abis, entries in merged((abi, [(entry, values[abi]) for entry, values in table.entries
                                           if abi in values]) for abi in ALL):
            ordered = table.kind == "enum" and \
                [v[0] for _, v in entries] == sorted({v[0] & 0xFFFFFFFFFFFFFFFF for _, v in entries})
            mine.append("{ %s, %d, %d, %s }" % (ids_mask(abis), named.extend(c_entries(names, entries), name),
                                                len(entries), "true" if ordered else "false"))
        shift, first, bits = table.number
        tables.extend(["{ %d, %d, %d, %d, %d, %d }" % (
            names.offset(table.prefix), variants.extend(mine, name), len(mine), first, bits, names.offset(shift))], name)
    for array in (named, variants, tables):
        yield from array.text()


def c_fields(names, fields):
    for name, *numbers, mark in fields:
        yield "{ %d, %d, %d, %d, %d, %d, %d, PINK_MARK_%s }" % (
            names.offset(name), *numbers, MARKS.get(mark, "SHOWN"))


def c_structs(world, names):
    fields, orders = Array("PinkFieldInfo", "pink_fields"), Array("uint8_t", "pink_orders")
    layouts, structs = Array("PinkLayout", "pink_layouts"), Array("PinkStruct", "pink_structs")
    for name in world.order["structs"]:
        found = []
        for abi in ALL:
            if variant_for(world, name, abi) is None:
                continue
            members, size, _ = lay_out(world, name, MODEL[abi], abi)
            members, order = apply_show(world, name, members)
            found.append((abi, (tuple(field.key() for field in members), tuple(order), size)))
        mine = ["{ %s, %d, %d, %d, %d, %d }" % (
            ids_mask(abis), fields.extend(c_fields(names, members), name),
            orders.extend([str(one) for one in order], name), size, len(members), len(order))
                for abis, (members, order, size) in merged(found)]
        structs.extend(["{ %d, %d, %s }" % (layouts.extend(mine, name), len(mine),
                                            "true" if world.structs[name].arguments else "false")], name)
    for array in (fields, orders, layouts, structs):
        yield from array.text()


def cases_of(world, name):
    """→ ([(name, type id)] sorted by name, the type where it is none of them)"""
    table, lines = world.unions[name]
    if table not in world.tables:
        raise Mistake("union %s: no table %s" % (name, table))
    entries = world.tables[table].entries
    cases = []
    other = world.intern("NUMBER", "long", "HEX")
    for number, words in lines:
        try:
            if len(words) < 3 or words[-2] != ":":
                raise Mistake("NAMES : TYPE")
            ident = parse_type(world, words[-1], Scope("FIELD", []))
            for word in words[:-2]:
                if word == "else":
                    other = ident
                    continue
                if not any(entry[0] == word for entry in entries):
                    raise Mistake("%s is not in %s" % (word, table))
                cases.append((word, ident))
        except Mistake as mistake:
            raise Mistake("line %d of union %s: %s" % (number, name, mistake)) from None
    return sorted(cases), other


def c_unions(world, names):
    cases, unions = Array("PinkCase", "pink_cases"), Array("PinkUnion", "pink_unions")
    for name in world.order["unions"]:
        mine, other = cases_of(world, name)
        first = cases.extend(["{ %d, %d }" % (names.offset(word), ident) for word, ident in mine], name)
        unions.extend(["{ %d, %d, %d, %d }" % (world.order["tables"].index(world.unions[name][0]), len(mine), other,
                                               first)], name)
    for array in (cases, unions):
        yield from array.text()


def c_types(world):
    for name in world.order["specials"]:
        yield "PinkShown pink_special_%s (PinkDecoder *, const PinkType *, const PinkPlace *);" % name
    yield "const PinkSpecialFunc pink_specials[] = {"
    for name in world.order["specials"]:
        yield "  pink_special_%s," % name
    yield "  NULL"
    yield "};"
    yield "const PinkType pink_types[] = {"
    for op, width, form, index, sub, refs in world.types:
        form = "PINK_" + form if form.startswith(("DIR_", "TEST_")) else "PINK_FORM_" + form
        yield "  { PINK_OP_%s, PINK_WIDTH_%s, %s, %d, %d, { %s } }," % (
            op, WIDTHS[width], form, index, sub,
            ", ".join("{ PINK_REF_%s, %d }" % ref for ref in refs))
    yield "};"


def c_calls(rows, calls, names):
    yield "const PinkCall pink_calls[] = {"
    for row, (types, result, order) in zip(rows, calls):
        if order is None:
            order = [(index, "") for index in range(len(types))]
        yield "  /* %s */ { { %s }, %d, %d, %d, { %s }, { %s } }," % (
            row.name, ", ".join(str(one) for one in types) or "0", len(types),
            -1 if result is None else result, len(order),
            ", ".join(str(one) for one, _ in order) or "0",
            ", ".join(str(names.offset(label)) for _, label in order) or "0")
    yield "};"


def header(world):
    yield "/* Made by gen-decode.py. Do not edit."
    yield " *"
    yield " * SPDX-License-Identifier: LGPL-2.1-or-later */"
    yield "#pragma once"
    for kind, prefix in (("tables", "TABLE"), ("structs", "STRUCT"), ("unions", "UNION")):
        yield "typedef enum"
        yield "{"
        for name in world.order[kind]:
            yield "  PINK_%s_%s," % (prefix, name.upper())
        yield "  PINK_N_%sS" % prefix
        yield "} Pink%sId;" % prefix.capitalize()


def main():
    out_c, out_h, syscalls_txt, calls_txt = sys.argv[1:5]
    world = World()
    try:
        with open(syscalls_txt, encoding="utf-8") as text:
            _, rows = syscalls.parse(text, syscalls_txt)
        later = []
        for filename in sys.argv[5:]:
            for number, head, lines in blocks(filename):
                texts = []
                try:
                    read_block(world, head, lines, texts)
                    for one in texts:
                        one()
                except Mistake as mistake:
                    raise Mistake("%s:%d: %s" % (filename, number, mistake)) from None
        calls = read_calls(world, calls_txt, rows)
        # The order matters: laying out and unions make types, and all of them names.
        names = Names()
        parts = [list(part) for part in (c_structs(world, names), c_unions(world, names), c_tables(world, names),
                                         c_types(world), c_calls(rows, calls, names), names.text())]
    except Mistake as mistake:
        sys.exit(str(mistake))
    with open(out_h, "w", encoding="utf-8") as out:
        out.write("\n".join(header(world)) + "\n")
    with open(out_c, "w", encoding="utf-8") as out:
        out.write("/* Made by gen-decode.py. Do not edit.\n *\n"
                  " * SPDX-License-Identifier: LGPL-2.1-or-later */\n"
                  '#include "pink-decode-private.h"\n\n')
        for part in parts:
            out.write("\n".join(part) + "\n")


if __name__ == "__main__":
    main()
