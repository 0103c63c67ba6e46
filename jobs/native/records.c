/* Records of runs, as `encode_runs` of jobs/records.py writes them. */
#include "native.h"

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

/* A token, and its first eight bytes, which mostly are all. */
typedef struct {
    uint64_t word;
    Text text;
} Token;

static inline int token_before(const Token *a, const Token *b)
{
    return a->word != b->word ? a->word < b->word : comes_before(a->text, b->text);
}

static int compare_tokens(const void *a, const void *b)
{
    return token_before(a, b) ? -1 : token_before(b, a);
}

#define FEW 32 /* up to this number, tokens are sorted by insertion */

static void sort_tokens(Token *tokens, Py_ssize_t n_tokens)
{
    if (n_tokens > FEW) {
        qsort(tokens, (size_t)n_tokens, sizeof(Token), compare_tokens);
        return;
    }
    for (Py_ssize_t place = 1; place < n_tokens; place++) {
        Token token = tokens[place];
        Py_ssize_t to = place;
        for (; to > 0 && token_before(&token, &tokens[to - 1]); to--)
            tokens[to] = tokens[to - 1];
        tokens[to] = token;
    }
}

/* Removes repeated tokens outside of the counted terms from sorted ones; returns the number left. */
static Py_ssize_t outside_once_each(Token *tokens, Py_ssize_t n_tokens)
{
    Py_ssize_t n_kept = 0;
    for (Py_ssize_t at = 0; at < n_tokens; at++) {
        Text text = tokens[at].text;
        int is_outside = text.length == 1 || (text.length && strchr("+-~", text.start[0]));
        if (!is_outside || !n_kept || !are_equal(text, tokens[n_kept - 1].text))
            tokens[n_kept++] = tokens[at];
    }
    return n_kept;
}

/* A growing text. */
typedef struct {
    char *text;
    size_t length;
    size_t capacity;
} Buffer;

/* Returns the position for further bytes; NULL with MemoryError on failure. */
static char *reserve_bytes(Buffer *buffer, size_t n_bytes)
{
    if (buffer->length + n_bytes > buffer->capacity) {
        size_t capacity = 2 * (buffer->length + n_bytes);
        char *larger = realloc(buffer->text, capacity);
        if (!larger) {
            PyErr_NoMemory();
            return NULL;
        }
        buffer->text = larger;
        buffer->capacity = capacity;
    }
    return buffer->text + buffer->length;
}

/* Writes ORGANISM.BUCKET<TAB>OBJECT_ID<TAB>FILE<TAB>N_ANNOTATIONS<TAB>TOKENS<LF>, tokens sorted. */
static int write_record(Buffer *buffer, Text organism, Text object_id, Text file, Token *tokens,
                        Py_ssize_t n_tokens, int outside_once, unsigned n_buckets)
{
    char numbers[64];
    int n_digits = PyOS_snprintf(numbers, sizeof numbers, "\t%zd\t", n_tokens);
    sort_tokens(tokens, n_tokens);
    Py_ssize_t n_kept = outside_once ? outside_once_each(tokens, n_tokens) : n_tokens;
    Py_ssize_t length = organism.length + 4 + object_id.length + 1 + file.length + n_digits + n_kept;
    for (Py_ssize_t at = 0; at < n_kept; at++)
        length += tokens[at].text.length;
    char *to = reserve_bytes(buffer, (size_t)length);
    if (!to)
        return -1;
    uint32_t bucket = crc32_of(object_id) % n_buckets;
    memcpy(to, organism.start, (size_t)organism.length);
    to += organism.length;
    *to++ = '.';
    *to++ = (char)('0' + bucket / 10);
    *to++ = (char)('0' + bucket % 10);
    *to++ = '\t';
    memcpy(to, object_id.start, (size_t)object_id.length);
    to += object_id.length;
    *to++ = '\t';
    memcpy(to, file.start, (size_t)file.length);
    to += file.length;
    memcpy(to, numbers, (size_t)n_digits);
    to += n_digits;
    for (Py_ssize_t at = 0; at < n_kept; at++) {
        memcpy(to, tokens[at].text.start, (size_t)tokens[at].text.length);
        to += tokens[at].text.length;
        *to++ = at + 1 < n_kept ? ' ' : '\n';
    }
    buffer->length += (size_t)length;
    return 0;
}

PyObject *encode_runs(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *organisms, *object_ids, *starts, *tokens;
    Text file;
    int outside_once;
    unsigned n_buckets;
    if (!PyArg_ParseTuple(arguments, "OOOOy#pI", &organisms, &object_ids, &starts, &tokens, &file.start,
                          &file.length, &outside_once, &n_buckets))
        return NULL;
    if (!n_buckets || n_buckets > 100) {
        PyErr_SetString(PyExc_ValueError, "expected buckets of two digits");
        return NULL;
    }
    Py_ssize_t n_runs = PyList_Size(starts), n_lines = PyList_Size(tokens);
    if (n_runs < 0 || n_lines < 0)
        return NULL;
    Token *of_run = malloc(((size_t)n_lines + 1) * sizeof(Token));
    if (!of_run)
        return PyErr_NoMemory();
    Buffer buffer = {NULL, 0, 0};
    int failed = 0;
    for (Py_ssize_t run = 0; !failed && run < n_runs; run++) {
        Text organism, object_id;
        Py_ssize_t start = PyLong_AsSsize_t(PyList_GetItem(starts, run)), end = n_lines;
        if (run + 1 < n_runs)
            end = PyLong_AsSsize_t(PyList_GetItem(starts, run + 1));
        if (start < 0 || end <= start || end > n_lines) {
            PyErr_SetString(PyExc_IndexError, "runs begin outside of the lines, or are out of order");
            failed = 1;
            break;
        }
        PyObject *organism_object = PyList_GetItem(organisms, run), *id_object = PyList_GetItem(object_ids, run);
        failed = !organism_object || !id_object || text_of(organism_object, &organism) < 0 ||
                 text_of(id_object, &object_id) < 0;
        for (Py_ssize_t line = start; !failed && line < end; line++) {
            Token *token = &of_run[line - start];
            failed = text_of(PyList_GetItem(tokens, line), &token->text) < 0;
            token->word = failed ? 0 : word_at(token->text, 0);
        }
        failed = failed || write_record(&buffer, organism, object_id, file, of_run, end - start, outside_once,
                                        n_buckets) < 0;
    }
    free(of_run);
    PyObject *records = NULL;
    if (!failed)
        records = PyBytes_FromStringAndSize(buffer.text, buffer.length ? (Py_ssize_t)buffer.length - 1 : 0);
    free(buffer.text);
    return records;
}
