/* Records of runs of lines: the twin of `records` in jobs/runs.py. */
#include "compiled.h"

static uint32_t crc_table[256];

void fill_crc_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++)
            value = (value >> 1) ^ (value & 1 ? 0xedb88320u : 0); /* the polynomial of zlib's crc32 */
        crc_table[byte] = value;
    }
}

static uint32_t crc32_of(Text text)
{
    uint32_t crc = 0xffffffffu;
    for (Py_ssize_t at = 0; at < text.length; at++)
        crc = (crc >> 8) ^ crc_table[(crc ^ (unsigned char)text.start[at]) & 0xff];
    return ~crc;
}

static int compared(const void *a, const void *b)
{
    return comes_before(*(const Text *)a, *(const Text *)b) ? -1
         : comes_before(*(const Text *)b, *(const Text *)a);
}

#define FEW 32 /* up to so many are sorted by insertion */

static void sort_texts(Text *texts, Py_ssize_t n_texts)
{
    if (n_texts > FEW) {
        qsort(texts, (size_t)n_texts, sizeof(Text), compared);
        return;
    }
    for (Py_ssize_t place = 1; place < n_texts; place++) {
        Text text = texts[place];
        Py_ssize_t to = place;
        for (; to > 0 && comes_before(text, texts[to - 1]); to--)
            texts[to] = texts[to - 1];
        texts[to] = text;
    }
}

/* OWNER.BUCKET<TAB>NAME<TAB>KIND<TAB>LINES<TAB>TOKENS, the tokens sorted and joined by blanks. */
static PyObject *record_of(Text owner, Text name, Text kind, Text *tokens, Py_ssize_t n_tokens,
                           int outside_once, unsigned n_buckets)
{
    char numbers[64];
    int n_digits = PyOS_snprintf(numbers, sizeof numbers, "\t%zd\t", n_tokens);
    sort_texts(tokens, n_tokens);
    Py_ssize_t length = owner.length + 4 + name.length + 1 + kind.length + n_digits, n_kept = 0;
    for (Py_ssize_t at = 0; at < n_tokens; at++) {
        if (outside_once && at && tokens[at].length == 1 && are_equal(tokens[at], tokens[n_kept - 1]))
            continue;
        tokens[n_kept++] = tokens[at];
        length += tokens[at].length + 1;
    }
    PyObject *record = PyBytes_FromStringAndSize(NULL, length - 1);
    char *to = record ? PyBytes_AsString(record) : NULL;
    if (!to)
        return NULL;
    uint32_t bucket = crc32_of(name) % n_buckets;
    memcpy(to, owner.start, (size_t)owner.length);
    to += owner.length;
    *to++ = '.';
    *to++ = (char)('0' + bucket / 10);
    *to++ = (char)('0' + bucket % 10);
    *to++ = '\t';
    memcpy(to, name.start, (size_t)name.length);
    to += name.length;
    *to++ = '\t';
    memcpy(to, kind.start, (size_t)kind.length);
    to += kind.length;
    memcpy(to, numbers, (size_t)n_digits);
    to += n_digits;
    for (Py_ssize_t at = 0; at < n_kept; at++) {
        if (at)
            *to++ = ' ';
        memcpy(to, tokens[at].start, (size_t)tokens[at].length);
        to += tokens[at].length;
    }
    return record;
}

PyObject *write_runs(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *owners, *names, *starts, *tokens;
    Text kind;
    int outside_once;
    unsigned n_buckets;
    if (!PyArg_ParseTuple(arguments, "OOOOy#pI", &owners, &names, &starts, &tokens, &kind.start,
                          &kind.length, &outside_once, &n_buckets))
        return NULL;
    if (!n_buckets || n_buckets > 100) {
        PyErr_SetString(PyExc_ValueError, "expected buckets of two digits");
        return NULL;
    }
    Py_ssize_t n_runs = PyList_Size(starts), n_lines = PyList_Size(tokens);
    if (n_runs < 0 || n_lines < 0)
        return NULL;
    Text *texts = malloc(((size_t)n_lines + 1) * sizeof(Text));
    if (!texts)
        return PyErr_NoMemory();
    PyObject *records = PyList_New(n_runs);
    for (Py_ssize_t run = 0; records && run < n_runs; run++) {
        Text owner, name;
        Py_ssize_t start = PyLong_AsSsize_t(PyList_GetItem(starts, run)), end = n_lines;
        if (run + 1 < n_runs)
            end = PyLong_AsSsize_t(PyList_GetItem(starts, run + 1));
        if (start < 0 || end <= start || end > n_lines) {
            PyErr_SetString(PyExc_IndexError, "runs begin outside of the lines, or are out of order");
            Py_CLEAR(records);
            break;
        }
        PyObject *owner_object = PyList_GetItem(owners, run), *name_object = PyList_GetItem(names, run);
        if (!owner_object || !name_object || text_of(owner_object, &owner) < 0 ||
            text_of(name_object, &name) < 0) {
            Py_CLEAR(records);
            break;
        }
        for (Py_ssize_t line = start; records && line < end; line++)
            if (text_of(PyList_GetItem(tokens, line), &texts[line - start]) < 0)
                Py_CLEAR(records);
        PyObject *record =
            records ? record_of(owner, name, kind, texts, end - start, outside_once, n_buckets)
                    : NULL;
        if (!record || PyList_SetItem(records, run, record) < 0)
            Py_CLEAR(records);
    }
    free(texts);
    return records;
}
