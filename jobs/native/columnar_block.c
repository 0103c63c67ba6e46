/* Blocks of lines as columns. jobs/formats/columnar_block.py describes each method of `ColumnarBlock`. */
#include "native.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static PyTypeObject *ColumnarBlock_type;

#define N_PARTS 4 /* cells of a combination */

/* The position of each tab and line end of a block. */
typedef struct {
    PyObject_HEAD
    PyObject *block; /* owned bytes */
    const char *text;
    uint32_t *ends;
    PyObject *positions; /* owned `Positions` */
    Py_ssize_t n_lines;
    Py_ssize_t width;
    Py_ssize_t database, local_id, taxon, combination[N_PARTS];
    int is_ascii;
} ColumnarBlock;

static inline Text cell_of(const ColumnarBlock *table, Py_ssize_t line, Py_ssize_t column)
{
    Py_ssize_t at = line * table->width + column;
    uint32_t start = at ? table->ends[at - 1] + 1 : 0;
    return (Text){table->text + start, (Py_ssize_t)table->ends[at] - (Py_ssize_t)start};
}

static Text line_of(const ColumnarBlock *self, Py_ssize_t line)
{
    Text first = cell_of(self, line, 0), last = cell_of(self, line, self->width - 1);
    return (Text){first.start, last.start + last.length - first.start};
}

static inline PyObject *bytes_of(Text text)
{
    return PyBytes_FromStringAndSize(text.start, text.length);
}

/* Order of two different texts, each followed by a tab. */
static int comes_before_tab(Text a, Text b)
{
    Py_ssize_t shorter = a.length < b.length ? a.length : b.length;
    int order = memcmp(a.start, b.start, (size_t)shorter);
    if (order || a.length == b.length)
        return order < 0;
    return a.length < b.length ? (unsigned char)b.start[shorter] > '\t'
                               : (unsigned char)a.start[shorter] < '\t';
}

/* Returns `a`, the sign and `b`, joined. */
static PyObject *joined_by(char sign, Text a, Text b)
{
    PyObject *joined = PyBytes_FromStringAndSize(NULL, a.length + 1 + b.length);
    char *to = joined ? PyBytes_AsString(joined) : NULL;
    if (to) {
        memcpy(to, a.start, (size_t)a.length);
        to[a.length] = sign;
        memcpy(to + a.length + 1, b.start, (size_t)b.length);
    }
    return joined;
}

/* Finds line ends, and tabs or line ends, in AT_ONCE bytes: BITS bits for each byte, the
 * lowest ones for the first. `not_ascii` is no longer zero when some byte is not ASCII. */
#ifdef __SSE2__
#define AT_ONCE 64
#define BITS 1
static inline uint64_t separators(const char *text, uint64_t *line_ends, uint64_t *not_ascii)
{
    uint64_t found = *line_ends = 0;
    for (int part = 0; part < 4; part++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(text + 16 * part));
        __m128i ends = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
        __m128i both = _mm_or_si128(ends, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')));
        *line_ends |= (uint64_t)_mm_movemask_epi8(ends) << 16 * part;
        found |= (uint64_t)_mm_movemask_epi8(both) << 16 * part;
        *not_ascii |= (uint64_t)_mm_movemask_epi8(bytes);
    }
    return found;
}
#else
#define AT_ONCE 8
#define BITS 8
#define LOW 0x7f7f7f7f7f7f7f7fULL /* all but the highest bit of each byte */
static inline uint64_t zero_bytes(uint64_t bytes)
{
    return ~(((bytes & LOW) + LOW) | bytes | LOW);
}
static inline uint64_t separators(const char *text, uint64_t *line_ends, uint64_t *not_ascii)
{
    const uint64_t each = 0x0101010101010101ULL;
    uint64_t bytes;
    memcpy(&bytes, text, sizeof bytes);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    *not_ascii |= bytes & ~LOW;
    *line_ends = zero_bytes(bytes ^ each * '\n');
    return *line_ends | zero_bytes(bytes ^ each * '\t');
}
#endif

/* Reserves AT_ONCE more ends; the first line tells about how many there will be. */
static int reserve(ColumnarBlock *table, Py_ssize_t n_cells, Py_ssize_t *n_slots, Py_ssize_t expected)
{
    if (n_cells + AT_ONCE <= *n_slots)
        return 0;
    Py_ssize_t places = (*n_slots ? 2 * *n_slots : expected) + AT_ONCE;
    uint32_t *ends = realloc(table->ends, (size_t)places * sizeof(uint32_t));
    if (!ends) {
        PyErr_NoMemory();
        return -1;
    }
    table->ends = ends;
    *n_slots = places;
    return 0;
}

/* Finds the ends of cells; 0 if lines differ in width, -1 with MemoryError on failure. */
static int find_ends(ColumnarBlock *table, Py_ssize_t length, Py_ssize_t first_length)
{
    Py_ssize_t n_lines = 0, n_cells = 0, n_slots = 0, width = table->width;
    uint64_t not_ascii = 0;
    for (Py_ssize_t start = 0; start < length; start += AT_ONCE) {
        if (reserve(table, n_cells, &n_slots, length / first_length * width) < 0)
            return -1;
        uint32_t *ends = table->ends;
        char rest[AT_ONCE] = {0};
        const char *here = table->text + start;
        if (length - start < AT_ONCE)
            here = memcpy(rest, here, (size_t)(length - start));
        uint64_t line_ends, found = separators(here, &line_ends, &not_ascii);
        for (; found; found &= found - 1)
            ends[n_cells++] = (uint32_t)(start + __builtin_ctzll(found) / BITS);
        for (; line_ends; line_ends &= line_ends - 1) {
            Py_ssize_t last = ++n_lines * width - 1;
            if (last >= n_cells || ends[last] != start + __builtin_ctzll(line_ends) / BITS)
                return 0; /* a line ends too early, or has more tabs than the first */
        }
    }
    table->n_lines = n_lines;
    table->is_ascii = !not_ascii;
    return 1;
}

static int is_column(const ColumnarBlock *self, Py_ssize_t column)
{
    if (column >= 0 && column < self->width)
        return 1;
    PyErr_Format(PyExc_IndexError, "no column %zd of %zd", column, self->width);
    return 0;
}

static int is_line(const ColumnarBlock *self, Py_ssize_t line)
{
    if (line >= 0 && line < self->n_lines)
        return 1;
    PyErr_Format(PyExc_IndexError, "no line %zd of %zd", line, self->n_lines);
    return 0;
}

/* Reads the numbers of columns; 0 and an error when one of them is missing or too large. */
static int read_positions(ColumnarBlock *self)
{
    Py_ssize_t *parts = self->combination;
    if (!PyArg_ParseTuple(self->positions, "nnn(nnnn)", &self->database, &self->local_id,
                          &self->taxon, &parts[0], &parts[1], &parts[2], &parts[3]))
        return 0;
    for (int part = 0; part < N_PARTS; part++)
        if (!is_column(self, parts[part]))
            return 0;
    return is_column(self, self->database) && is_column(self, self->local_id) &&
           is_column(self, self->taxon);
}

PyObject *read_columns(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *block, *positions;
    Py_ssize_t min_columns;
    Text text;
    if (!PyArg_ParseTuple(arguments, "SnO!", &block, &min_columns, &PyTuple_Type, &positions) ||
        text_of(block, &text) < 0)
        return NULL;
    const char *first_end = text.length ? memchr(text.start, '\n', (size_t)text.length) : NULL;
    if (!first_end || text.start[text.length - 1] != '\n' || text.length > UINT32_MAX)
        Py_RETURN_NONE;
    Py_ssize_t width = 1;
    for (const char *at = text.start; at < first_end; at++)
        width += *at == '\t';
    if (width < min_columns)
        Py_RETURN_NONE;
    ColumnarBlock *table = PyObject_New(ColumnarBlock, ColumnarBlock_type);
    if (!table)
        return NULL;
    Py_INCREF(block);
    Py_INCREF(positions);
    table->block = block;
    table->positions = positions;
    table->text = text.start;
    table->ends = NULL;
    table->width = width;
    int is_regular = read_positions(table)
                         ? find_ends(table, text.length, first_end + 1 - text.start)
                         : -1;
    if (is_regular > 0)
        return (PyObject *)table;
    Py_DECREF(table);
    if (is_regular < 0)
        return NULL;
    Py_RETURN_NONE;
}

static void ColumnarBlock_dealloc(ColumnarBlock *self)
{
    PyTypeObject *type = Py_TYPE(self);
    free(self->ends);
    Py_XDECREF(self->block);
    Py_XDECREF(self->positions);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *ColumnarBlock_line(ColumnarBlock *self, PyObject *number)
{
    Py_ssize_t line = PyLong_AsSsize_t(number);
    if ((line == -1 && PyErr_Occurred()) || !is_line(self, line))
        return NULL;
    return bytes_of(line_of(self, line));
}

static PyObject *ColumnarBlock_cell(ColumnarBlock *self, PyObject *arguments)
{
    Py_ssize_t line, column;
    if (!PyArg_ParseTuple(arguments, "nn", &line, &column) || !is_line(self, line) ||
        !is_column(self, column))
        return NULL;
    return bytes_of(cell_of(self, line, column));
}

/* Returns the cells of a column in some lines, or in all lines if the list is NULL. */
static PyObject *cells_in(const ColumnarBlock *self, Py_ssize_t column, PyObject *lines)
{
    Py_ssize_t n_lines = lines ? PyList_Size(lines) : self->n_lines;
    PyObject *found = n_lines < 0 ? NULL : PyList_New(n_lines), *cell = NULL;
    Text before = {NULL, -1};
    for (Py_ssize_t at = 0; found && at < n_lines; at++) {
        Py_ssize_t line = lines ? PyLong_AsSsize_t(PyList_GetItem(lines, at)) : at;
        if (!is_line(self, line)) {
            Py_CLEAR(found);
            break;
        }
        Text text = cell_of(self, line, column);
        if (are_equal(text, before)) /* as for most taxa */
            Py_INCREF(cell);
        else
            cell = bytes_of(text);
        before = text;
        if (!cell || PyList_SetItem(found, at, cell) < 0)
            Py_CLEAR(found);
    }
    return found;
}

static PyObject *ColumnarBlock_cells(ColumnarBlock *self, PyObject *arguments)
{
    Py_ssize_t column;
    PyObject *lines;
    if (!PyArg_ParseTuple(arguments, "nO", &column, &lines) || !is_column(self, column))
        return NULL;
    return cells_in(self, column, lines);
}

static PyObject *ColumnarBlock_column(ColumnarBlock *self, PyObject *number)
{
    Py_ssize_t column = PyLong_AsSsize_t(number);
    if ((column == -1 && PyErr_Occurred()) || !is_column(self, column))
        return NULL;
    return cells_in(self, column, NULL);
}

static PyObject *ColumnarBlock_find_empty(ColumnarBlock *self, PyObject *number)
{
    Py_ssize_t column = PyLong_AsSsize_t(number);
    if ((column == -1 && PyErr_Occurred()) || !is_column(self, column))
        return NULL;
    PyObject *found = PyList_New(0);
    for (Py_ssize_t line = 0; found && line < self->n_lines; line++)
        if (!cell_of(self, line, column).length && append(found, PyLong_FromSsize_t(line)) < 0)
            Py_CLEAR(found);
    return found;
}

/* Returns the numbers of lines of odd entries, and sets them to zero. */
static PyObject *counted(Entry **met, Py_ssize_t n_met)
{
    PyObject *counts = PyDict_New();
    for (Py_ssize_t at = 0; at < n_met; at++) {
        PyObject *cell = counts ? bytes_of((Text){met[at]->key, met[at]->length}) : NULL;
        PyObject *n_lines = cell ? PyLong_FromUnsignedLong(met[at]->n_met) : NULL;
        if (!n_lines || PyDict_SetItem(counts, cell, n_lines) < 0)
            Py_CLEAR(counts);
        Py_XDECREF(cell);
        Py_XDECREF(n_lines);
        met[at]->n_met = 0;
    }
    return counts;
}

static PyObject *ColumnarBlock_look_up(ColumnarBlock *self, PyObject *arguments)
{
    Py_ssize_t column;
    CellSet *known;
    if (!PyArg_ParseTuple(arguments, "nO!", &column, CellSet_type, &known) ||
        !is_column(self, column))
        return NULL;
    Entry **met = malloc((known->n_odd + 1) * sizeof(Entry *));
    if (!met)
        return PyErr_NoMemory();
    Py_ssize_t n_met = 0;
    PyObject *unknown = PySet_New(NULL);
    Text before = {NULL, -1};
    Entry *entry = NULL;
    for (Py_ssize_t line = 0; unknown && line < self->n_lines; line++) {
        Text cell = cell_of(self, line, column);
        if (!are_equal(cell, before)) { /* as for most dates, and all empty cells */
            before = cell;
            entry = cells_find(known, cell, cells_hash(cell));
            PyObject *object = entry ? NULL : bytes_of(cell);
            if (!entry && (!object || PySet_Add(unknown, object) < 0))
                Py_CLEAR(unknown);
            Py_XDECREF(object);
        }
        if (entry && entry->is_odd && !entry->n_met++)
            met[n_met++] = entry;
    }
    PyObject *odd = counted(met, n_met);
    free(met);
    if (unknown && odd)
        return Py_BuildValue("(NN)", unknown, odd);
    Py_XDECREF(unknown);
    Py_XDECREF(odd);
    return NULL;
}

static PyObject *ColumnarBlock_find_lines(ColumnarBlock *self, PyObject *arguments)
{
    Py_ssize_t column;
    CellSet *wanted;
    if (!PyArg_ParseTuple(arguments, "nO!", &column, CellSet_type, &wanted) ||
        !is_column(self, column))
        return NULL;
    PyObject *found = PyList_New(0);
    Text before = {NULL, -1};
    int is_wanted = 0;
    for (Py_ssize_t line = 0; found && line < self->n_lines; line++) {
        Text cell = cell_of(self, line, column);
        if (!are_equal(cell, before))
            is_wanted = cells_find(wanted, cell, cells_hash(cell)) != NULL;
        before = cell;
        if (is_wanted && append(found, PyLong_FromSsize_t(line)) < 0)
            Py_CLEAR(found);
    }
    return found;
}

static PyObject *ColumnarBlock_run_starts(ColumnarBlock *self, PyObject *none)
{
    (void)none;
    const Py_ssize_t database = self->database, local_id = self->local_id, taxon = self->taxon;
    PyObject *starts = PyList_New(0);
    for (Py_ssize_t line = 0; starts && line < self->n_lines; line++) {
        if (line && are_equal(cell_of(self, line, local_id), cell_of(self, line - 1, local_id)) &&
            are_equal(cell_of(self, line, database), cell_of(self, line - 1, database)) &&
            are_equal(cell_of(self, line, taxon), cell_of(self, line - 1, taxon)))
            continue;
        if (append(starts, PyLong_FromSsize_t(line)) < 0)
            Py_CLEAR(starts);
    }
    return starts;
}

/* Returns the digits of `taxon:NUMBER`, one to nine without a leading zero; empty for other cells. */
static Text plain_taxon(Text cell)
{
    const Text nothing = {NULL, 0};
    Text digits = {cell.start + 6, cell.length - 6};
    if (digits.length < 1 || digits.length > 9 || memcmp(cell.start, "taxon:", 6) ||
        digits.start[0] == '0')
        return nothing;
    for (Py_ssize_t at = 0; at < digits.length; at++)
        if (digits.start[at] < '0' || digits.start[at] > '9')
            return nothing;
    return digits;
}

/* Returns the organism of a cell; `taxa` reads a cell that is not plain, which is added to `odd`. */
static PyObject *organism_of(Text cell, PyObject *taxa, PyObject *odd)
{
    Text digits = plain_taxon(cell);
    if (digits.length) {
        char padded[ORGANISM_DIGITS];
        memset(padded, '0', sizeof padded);
        memcpy(padded + ORGANISM_DIGITS - digits.length, digits.start, (size_t)digits.length);
        return PyBytes_FromStringAndSize(padded, ORGANISM_DIGITS);
    }
    PyObject *object = bytes_of(cell);
    PyObject *organism = object && PySet_Add(odd, object) == 0 ? PyObject_GetItem(taxa, object) : NULL;
    Py_XDECREF(object);
    return organism;
}

static PyObject *ColumnarBlock_organisms(ColumnarBlock *self, PyObject *arguments)
{
    PyObject *lines, *taxa;
    if (!PyArg_ParseTuple(arguments, "OO", &lines, &taxa))
        return NULL;
    Py_ssize_t n_lines = PyList_Size(lines);
    PyObject *odd = n_lines < 0 ? NULL : PySet_New(NULL);
    PyObject *found = odd ? PyList_New(n_lines) : NULL, *organism = NULL;
    Text before = {NULL, -1};
    for (Py_ssize_t at = 0; found && at < n_lines; at++) {
        Py_ssize_t line = PyLong_AsSsize_t(PyList_GetItem(lines, at));
        if (!is_line(self, line)) {
            Py_CLEAR(found);
            break;
        }
        Text cell = cell_of(self, line, self->taxon);
        if (are_equal(cell, before)) /* as for most neighbours */
            Py_INCREF(organism);
        else
            organism = organism_of(cell, taxa, odd);
        before = cell;
        if (!organism || PyList_SetItem(found, at, organism) < 0)
            Py_CLEAR(found);
    }
    if (found)
        return Py_BuildValue("(NN)", found, odd);
    Py_XDECREF(odd);
    return NULL;
}

/* Returns whether a cell is not empty, and has no blanks and control bytes. */
static int is_clean(Text cell)
{
    for (Py_ssize_t at = 0; at < cell.length; at++)
        if ((unsigned char)cell.start[at] <= ' ' || cell.start[at] == 0x7f)
            return 0;
    return cell.length > 0;
}

static PyObject *ColumnarBlock_object_ids(ColumnarBlock *self, PyObject *lines)
{
    Py_ssize_t n_lines = PyList_Size(lines);
    PyObject *found = n_lines < 0 ? NULL : PyList_New(n_lines);
    for (Py_ssize_t at = 0; found && at < n_lines; at++) {
        Py_ssize_t line = PyLong_AsSsize_t(PyList_GetItem(lines, at));
        if (!is_line(self, line)) {
            Py_DECREF(found);
            return NULL;
        }
        Text first = cell_of(self, line, self->database);
        Text second = cell_of(self, line, self->local_id);
        if (!is_clean(first) || !is_clean(second)) {
            Py_DECREF(found);
            Py_RETURN_NONE;
        }
        PyObject *name = joined_by(':', first, second);
        if (!name || PyList_SetItem(found, at, name) < 0)
            Py_CLEAR(found);
    }
    return found;
}

/* Returns whether a key is these parts, joined by tabs. */
static int is_joined(const Entry *entry, const Text *parts)
{
    const char *at = entry->key;
    for (int part = 0; part < N_PARTS; part++) {
        if (entry->key + entry->length - at < parts[part].length ||
            !are_equal((Text){at, parts[part].length}, parts[part]))
            return 0;
        at += parts[part].length + 1; /* one byte too far after the last part */
    }
    return at == entry->key + entry->length + 1;
}

/* Adds a token; its key is the parts, joined by tabs. */
static Entry *add_joined(CellSet *known, const Text *parts, uint64_t hash, PyObject *token)
{
    Py_ssize_t length = N_PARTS - 1;
    for (int part = 0; part < N_PARTS; part++)
        length += parts[part].length;
    char *key = malloc((size_t)length + 1), *to = key;
    if (!key)
        return (Entry *)PyErr_NoMemory();
    for (int part = 0; part < N_PARTS; part++) {
        if (part)
            *to++ = '\t';
        memcpy(to, parts[part].start, (size_t)parts[part].length);
        to += parts[part].length;
    }
    Entry *entry = cells_add(known, (Text){key, length}, hash, token);
    free(key);
    return entry;
}

/* Returns the entry of a combination; `tokens` returns the token of a new one. */
static Entry *token_of(PyObject *tokens, PyObject *special, CellSet *known, const Text *parts)
{
    uint64_t hash = cells_hash(parts[0]);
    for (int part = 1; part < N_PARTS; part++)
        hash = cells_hash_more(hash, parts[part]);
    size_t last = known->n_slots - 1;
    for (size_t place = hash & last; known->n_slots; place = (place + 1) & last) {
        Entry *entry = &known->entries[place];
        if (!entry->key)
            break;
        if (entry->hash == hash && is_joined(entry, parts))
            return entry;
    }
    PyObject *combination = PyTuple_New(N_PARTS);
    for (int part = 0; combination && part < N_PARTS; part++) {
        PyObject *cell = bytes_of(parts[part]);
        if (!cell || PyTuple_SetItem(combination, part, cell) < 0)
            Py_CLEAR(combination);
    }
    PyObject *token = combination ? PyObject_GetItem(tokens, combination) : NULL;
    int is_special = token ? PySet_Contains(special, token) : -1;
    Py_XDECREF(combination);
    Entry *entry = is_special < 0 ? NULL : add_joined(known, parts, hash, token);
    if (entry)
        entry->is_odd = (uint32_t)is_special;
    Py_XDECREF(token); /* `known` owns it */
    return entry;
}

/* Returns the token of each line, and the numbers of the lines with a special token. */
static PyObject *find_tokens(ColumnarBlock *self, PyObject *tokens, PyObject *special, CellSet *known)
{
    PyObject *numbers = PyList_New(0), *found = numbers ? PyList_New(self->n_lines) : NULL;
    for (Py_ssize_t line = 0; found && line < self->n_lines; line++) {
        Text parts[N_PARTS];
        for (int part = 0; part < N_PARTS; part++)
            parts[part] = cell_of(self, line, self->combination[part]);
        Entry *entry = token_of(tokens, special, known, parts);
        if (!entry || (entry->is_odd && append(numbers, PyLong_FromSsize_t(line)) < 0)) {
            Py_CLEAR(found);
            break;
        }
        Py_INCREF(entry->value);
        if (PyList_SetItem(found, line, entry->value) < 0)
            Py_CLEAR(found);
    }
    if (found)
        return Py_BuildValue("(NN)", found, numbers);
    Py_XDECREF(numbers);
    return NULL;
}

static PyObject *ColumnarBlock_tokens(ColumnarBlock *self, PyObject *tokens)
{
    PyObject *special = PyObject_GetAttrString(tokens, "special");
    PyObject *seen = special ? PyObject_GetAttrString(tokens, "seen") : NULL;
    if (seen && Py_TYPE(seen) != CellSet_type) {
        PyErr_SetString(PyExc_TypeError, "expected a CellSet as `seen` of tokens");
        Py_CLEAR(seen);
    }
    PyObject *found = seen ? find_tokens(self, tokens, special, (CellSet *)seen) : NULL;
    Py_XDECREF(special);
    Py_XDECREF(seen);
    return found;
}
/* Returns the first DATABASE<TAB>ID of some lines in the order of bytes. */
static PyObject *ColumnarBlock_first_product(ColumnarBlock *self, PyObject *lines)
{
    Py_ssize_t n_lines = PyList_Size(lines);
    Text first = {NULL, 0}, second = {NULL, 0};
    for (Py_ssize_t at = 0; at < n_lines; at++) {
        Py_ssize_t line = PyLong_AsSsize_t(PyList_GetItem(lines, at));
        if (!is_line(self, line))
            return NULL;
        Text other = cell_of(self, line, self->database), id = cell_of(self, line, self->local_id);
        if (!at || (are_equal(other, first) ? comes_before(id, second)
                                            : comes_before_tab(other, first))) {
            first = other;
            second = id;
        }
    }
    if (n_lines > 0)
        return joined_by('\t', first, second);
    PyErr_SetString(PyExc_ValueError, "expected the numbers of some lines, got none");
    return NULL;
}

/* Copies a text, with blanks in place of control bytes; returns the end of the copy. */
static char *copy_printable(char *to, Text text)
{
    for (Py_ssize_t at = 0; at < text.length; at++) {
        unsigned char byte = (unsigned char)text.start[at];
        to[at] = byte < 0x20 || byte == 0x7f ? ' ' : (char)byte;
    }
    return to + text.length;
}

static Text stripped(Text text)
{
    while (text.length && text.start[0] == ' ')
        text = (Text){text.start + 1, text.length - 1};
    while (text.length && text.start[text.length - 1] == ' ')
        text.length--;
    return text;
}

/* One cell of all rows: a text, or a column of the block. */
typedef struct {
    Text text;
    Py_ssize_t column; /* -1 for a text */
} RowCell;

static int read_row_cells(PyObject *cells, RowCell *found, Py_ssize_t n_cells)
{
    for (Py_ssize_t at = 0; at < n_cells; at++) {
        PyObject *cell = PyTuple_GetItem(cells, at);
        found[at] = (RowCell){{"", 0}, -1};
        if (PyLong_Check(cell)) {
            found[at].column = PyLong_AsSsize_t(cell);
            if (found[at].column < 0) {
                if (!PyErr_Occurred())
                    PyErr_SetString(PyExc_IndexError, "expected a column, got a negative number");
                return -1;
            }
        } else if (text_of(cell, &found[at].text) < 0) {
            return -1;
        }
    }
    return 0;
}

static Text row_cell_of(const ColumnarBlock *self, Py_ssize_t line, const RowCell *cell)
{
    if (cell->column < 0)
        return cell->text;
    return cell->column < self->width ? stripped(cell_of(self, line, cell->column)) : (Text){"", 0};
}

/* Writes the rows into `to`, or counts their bytes if it is NULL; -1 and an error on failure. */
static Py_ssize_t write_rows(const ColumnarBlock *self, PyObject *lines, PyObject *heads,
                             const RowCell *cells, Py_ssize_t n_cells, char *to)
{
    Py_ssize_t n_lines = PyList_Size(lines), length = 0;
    for (Py_ssize_t at = 0; at < n_lines; at++) {
        Py_ssize_t number = PyLong_AsSsize_t(PyList_GetItem(lines, at));
        PyObject *object = PyList_GetItem(heads, at);
        Text head;
        if (!is_line(self, number) || !object || text_of(object, &head) < 0)
            return -1;
        Text line = line_of(self, number);
        length += head.length + n_cells + line.length + 1;
        if (to) {
            memcpy(to, head.start, (size_t)head.length);
            to += head.length;
        }
        for (Py_ssize_t cell = 0; cell < n_cells; cell++) {
            Text text = row_cell_of(self, number, &cells[cell]);
            length += text.length;
            if (to) {
                to = copy_printable(to, text);
                *to++ = '\t';
            }
        }
        if (to) {
            to = copy_printable(to, line);
            *to++ = '\n';
        }
    }
    return length;
}

static PyObject *ColumnarBlock_rows(ColumnarBlock *self, PyObject *arguments)
{
    PyObject *lines, *heads, *cells, *rows = NULL;
    if (!PyArg_ParseTuple(arguments, "O!O!O!", &PyList_Type, &lines, &PyList_Type, &heads, &PyTuple_Type,
                          &cells))
        return NULL;
    Py_ssize_t n_cells = PyTuple_Size(cells);
    RowCell *found = malloc(((size_t)n_cells + 1) * sizeof(RowCell));
    if (!found)
        return PyErr_NoMemory();
    Py_ssize_t length = read_row_cells(cells, found, n_cells);
    length = length < 0 ? -1 : write_rows(self, lines, heads, found, n_cells, NULL);
    if (length > 0) {
        rows = PyBytes_FromStringAndSize(NULL, length - 1);
        /* the last line end takes the place of the zero byte behind a bytes object */
        char *text = rows ? PyBytes_AsString(rows) : NULL;
        if (text) {
            write_rows(self, lines, heads, found, n_cells, text);
            text[length - 1] = 0;
        }
    } else if (!length) {
        rows = PyBytes_FromStringAndSize("", 0);
    }
    free(found);
    return rows;
}

static PyObject *ColumnarBlock_n_lines(ColumnarBlock *self, void *closure)
{
    (void)closure;
    return PyLong_FromSsize_t(self->n_lines);
}

static PyObject *ColumnarBlock_width(ColumnarBlock *self, void *closure)
{
    (void)closure;
    return PyLong_FromSsize_t(self->width);
}

static PyObject *ColumnarBlock_positions(ColumnarBlock *self, void *closure)
{
    (void)closure;
    if (!self->positions) {
        PyErr_SetString(PyExc_IndexError, "no positions of an empty block");
        return NULL;
    }
    Py_INCREF(self->positions);
    return self->positions;
}

static PyObject *ColumnarBlock_is_ascii(ColumnarBlock *self, void *closure)
{
    (void)closure;
    return PyBool_FromLong(self->is_ascii);
}

static PyMethodDef ColumnarBlock_methods[] = {
    {"line", (PyCFunction)ColumnarBlock_line, METH_O, "line(number)"},
    {"cell", (PyCFunction)ColumnarBlock_cell, METH_VARARGS, "cell(number, column)"},
    {"cells", (PyCFunction)ColumnarBlock_cells, METH_VARARGS, "cells(column, numbers)"},
    {"column", (PyCFunction)ColumnarBlock_column, METH_O, "column(column)"},
    {"find_empty", (PyCFunction)ColumnarBlock_find_empty, METH_O, "find_empty(column)"},
    {"look_up", (PyCFunction)ColumnarBlock_look_up, METH_VARARGS, "look_up(column, known)"},
    {"find_lines", (PyCFunction)ColumnarBlock_find_lines, METH_VARARGS, "find_lines(column, wanted)"},
    {"run_starts", (PyCFunction)ColumnarBlock_run_starts, METH_NOARGS, "run_starts()"},
    {"organisms", (PyCFunction)ColumnarBlock_organisms, METH_VARARGS, "organisms(numbers, taxa)"},
    {"object_ids", (PyCFunction)ColumnarBlock_object_ids, METH_O, "object_ids(numbers)"},
    {"first_product", (PyCFunction)ColumnarBlock_first_product, METH_O, "first_product(numbers)"},
    {"tokens", (PyCFunction)ColumnarBlock_tokens, METH_O, "tokens(tokens)"},
    {"rows", (PyCFunction)ColumnarBlock_rows, METH_VARARGS, "rows(numbers, heads, cells)"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef ColumnarBlock_getset[] = {
    {"n_lines", (getter)ColumnarBlock_n_lines, NULL, NULL, NULL},
    {"width", (getter)ColumnarBlock_width, NULL, NULL, NULL},
    {"positions", (getter)ColumnarBlock_positions, NULL, NULL, NULL},
    {"is_ascii", (getter)ColumnarBlock_is_ascii, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot ColumnarBlock_slots[] = {
    {Py_tp_doc, "A block of lines that all have the same columns."},
    {Py_tp_methods, ColumnarBlock_methods},
    {Py_tp_getset, ColumnarBlock_getset},
    {Py_tp_dealloc, ColumnarBlock_dealloc},
    {0, NULL},
};

static PyType_Spec ColumnarBlock_spec = {
    "gafreduce.jobs.native._compiled.ColumnarBlock", sizeof(ColumnarBlock), 0, Py_TPFLAGS_DEFAULT, ColumnarBlock_slots,
};

int add_columnar_block_type(PyObject *module)
{
    return add_type(module, "ColumnarBlock", &ColumnarBlock_spec, &ColumnarBlock_type);
}
