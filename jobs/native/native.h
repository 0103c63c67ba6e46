/* Shared by the parts of the C extension. Limited API of Python 3.9: one file serves all later versions. */
#ifndef GAFREDUCE_COMPILED_H
#define GAFREDUCE_COMPILED_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03090000
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Widths of records; tests/jobs/test_records.py compares them with jobs/records.py. */
#define ORGANISM_DIGITS 12
#define RUN_FIELDS 5 /* key, object id, file, number of annotations, tokens */

/* A part of another text: without a final zero byte. */
typedef struct {
    const char *start;
    Py_ssize_t length;
} Text;

static inline int same_eight(const char *a, const char *b)
{
    return memcmp(a, b, 8) == 0; /* compilers compare two numbers */
}

/* Most texts are short, and differ in their first bytes: a call would cost more. */
static inline int are_equal(Text a, Text b)
{
    if (a.length != b.length)
        return 0;
    if (a.length < 8) {
        for (Py_ssize_t at = 0; at < a.length; at++)
            if (a.start[at] != b.start[at])
                return 0;
        return 1;
    }
    if (!same_eight(a.start, b.start))
        return 0;
    if (a.length <= 16)
        return same_eight(a.start + a.length - 8, b.start + b.length - 8);
    return memcmp(a.start + 8, b.start + 8, (size_t)a.length - 8) == 0;
}

/* Order of bytes, as in Python. */
static inline int comes_before(Text a, Text b)
{
    Py_ssize_t shorter = a.length < b.length ? a.length : b.length;
    int order = memcmp(a.start, b.start, (size_t)shorter);
    return order ? order < 0 : a.length < b.length;
}

/* Eight bytes of a text as a number with the same order; behind the end of the text are zeros. */
static inline uint64_t word_at(Text text, Py_ssize_t at)
{
    uint64_t word = 0;
    if (text.length - at >= 8) {
        const unsigned char *from = (const unsigned char *)text.start + at;
        for (int byte = 0; byte < 8; byte++) /* compilers make one load of it */
            word = word << 8 | from[byte];
        return word;
    }
    for (Py_ssize_t byte = at; byte < at + 8; byte++)
        word = word << 8 | (byte < text.length ? (unsigned char)text.start[byte] : 0);
    return word;
}

/* Gets the text of a bytes object; -1 and TypeError for another object. */
static inline int text_of(PyObject *object, Text *text)
{
    return PyBytes_AsStringAndSize(object, (char **)&text->start, &text->length);
}

/* Appends an object, which may be NULL after an error, and releases it. */
static inline int append(PyObject *list, PyObject *object)
{
    int failed = !object || PyList_Append(list, object) < 0;
    Py_XDECREF(object);
    return failed ? -1 : 0;
}

/* Texts with a value and a mark; entries are only ever added, or all removed. */
typedef struct {
    uint64_t hash;
    char *key; /* NULL: the slot is free */
    Py_ssize_t length;
    PyObject *value; /* owned */
    uint32_t is_odd; /* of a combination: its token is special */
    uint32_t n_met;  /* lines of the current block */
} Entry;

typedef struct {
    PyObject_HEAD
    Entry *entries;
    size_t n_slots; /* a power of two */
    size_t n_entries;
    size_t n_odd; /* upper bound */
} CellSet;

extern PyTypeObject *CellSet_type;

/* They differ between processes, so that no input can be prepared with colliding cells. */
extern uint64_t cells_seeds[2];

static inline uint64_t eight_bytes(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}

static inline uint64_t four_bytes(const char *at)
{
    uint32_t word;
    memcpy(&word, at, 4);
    return word;
}

/* Combines both halves of a product: each bit depends on all bits of both numbers. */
static inline uint64_t folded(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    const uint64_t odd = 0x9e3779b97f4a7c15ULL;
    a = (a ^ a >> 32) * odd;
    b = (b ^ a ^ a >> 32) * odd;
    return b ^ b >> 32;
#endif
}

/* Continues a hash with another text, sixteen bytes at a time. The last bytes are read in two parts that
 * may overlap, so that there is no loop over them. */
static inline uint64_t cells_hash_more(uint64_t hash, Text key)
{
    const char *at = key.start, *end = at + key.length;
    uint64_t first = 0, last = cells_seeds[1] ^ (uint64_t)key.length;
    for (; end - at > 16; at += 16)
        hash = folded(hash ^ eight_bytes(at), cells_seeds[1] ^ eight_bytes(at + 8));
    if (end - at >= 8) {
        first = eight_bytes(at);
        last ^= eight_bytes(end - 8);
    } else if (end - at >= 4) {
        first = four_bytes(at);
        last ^= four_bytes(end - 4);
    } else if (end > at) {
        first = (uint64_t)(unsigned char)at[0] | (uint64_t)(unsigned char)at[(end - at) / 2] << 8 |
                (uint64_t)(unsigned char)end[-1] << 16;
    }
    return folded(hash ^ first, last);
}

static inline uint64_t cells_hash(Text key)
{
    return cells_hash_more(cells_seeds[0], key);
}

/* Returns the entry of a key, or NULL. */
Entry *cells_find(CellSet *cells, Text key, uint64_t hash);
/* Adds a new key; `value` may be NULL. Returns NULL with MemoryError on failure. */
Entry *cells_add(CellSet *cells, Text key, uint64_t hash, PyObject *value);

int add_cell_set_type(PyObject *module);
int add_columnar_block_type(PyObject *module);
int add_term_counts_type(PyObject *module);
int add_line_sorter_type(PyObject *module);
int add_taxon_counter_type(PyObject *module);
void fill_crc_table(void);
int add_type(PyObject *module, const char *name, PyType_Spec *spec, PyTypeObject **type);

PyObject *read_columns(PyObject *module, PyObject *arguments);
PyObject *encode_runs(PyObject *module, PyObject *arguments);

#endif
