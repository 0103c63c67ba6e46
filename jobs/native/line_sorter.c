/* Lines sorted by bytes. jobs/files/sorting.py describes each method of `LineSorter`. */
#include "native.h"

static PyTypeObject *LineSorter_type;

/* A line with its end: its position in the text of all lines, and eight bytes that are compared first. */
typedef struct {
    uint64_t word;
    uint32_t start;
    uint32_t length;
} Line;

typedef struct {
    PyObject_HEAD
    char *text; /* all lines, in the order of `add` */
    size_t length, text_capacity;
    Line *lines;
    Py_ssize_t n_lines, capacity, n_taken;
} LineSorter;

static inline Text text_at(const char *text, Line line)
{
    return (Text){text + line.start, line.length};
}

/* Copies a line; -1 with an error on failure. */
static int copy_line(LineSorter *self, Text line)
{
    if (self->length + (size_t)line.length > UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "expected lines of less than 4 GB, got more");
        return -1;
    }
    if (self->length + (size_t)line.length > self->text_capacity) {
        size_t capacity = (self->length + (size_t)line.length) / 4 * 5 + 4096;
        char *larger = realloc(self->text, capacity);
        if (!larger) {
            PyErr_NoMemory();
            return -1;
        }
        self->text = larger;
        self->text_capacity = capacity;
    }
    if (self->n_lines == self->capacity) {
        Py_ssize_t capacity = self->capacity / 4 * 5 + 4096;
        Line *larger = realloc(self->lines, (size_t)capacity * sizeof(Line));
        if (!larger) {
            PyErr_NoMemory();
            return -1;
        }
        self->lines = larger;
        self->capacity = capacity;
    }
    memcpy(self->text + self->length, line.start, (size_t)line.length);
    self->lines[self->n_lines++] = (Line){0, (uint32_t)self->length, (uint32_t)line.length};
    self->length += (size_t)line.length;
    return 0;
}

/* Reserves the text at once: an array that grows leaves holes in memory. */
static PyObject *LineSorter_reserve(LineSorter *self, PyObject *number)
{
    Py_ssize_t n_bytes = PyLong_AsSsize_t(number);
    if (n_bytes == -1 && PyErr_Occurred())
        return NULL;
    if (n_bytes > 0 && (size_t)n_bytes > self->text_capacity) {
        char *larger = realloc(self->text, (size_t)n_bytes);
        if (!larger)
            return PyErr_NoMemory();
        self->text = larger;
        self->text_capacity = (size_t)n_bytes;
    }
    Py_RETURN_NONE;
}

/* Reserves lines: as many as fit into the reserved text, if all are as long as these. */
static int expect_lines(LineSorter *self, Text text)
{
    Py_ssize_t n_lines = 1;
    for (Py_ssize_t at = 0; at < text.length; at++)
        n_lines += text.start[at] == '\n';
    double texts = text.length ? (double)self->text_capacity / (double)text.length : 0;
    self->capacity = n_lines + (Py_ssize_t)((double)n_lines * texts * 1.05);
    self->lines = malloc((size_t)self->capacity * sizeof(Line));
    if (!self->lines) {
        self->capacity = 0;
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static PyObject *LineSorter_add(LineSorter *self, PyObject *arguments)
{
    PyObject *low_or_none = Py_None, *high_or_none = Py_None;
    Text text, low = {NULL, 0}, high = {NULL, 0};
    if (!PyArg_ParseTuple(arguments, "y#|OO", &text.start, &text.length, &low_or_none,
                          &high_or_none) ||
        (low_or_none != Py_None && text_of(low_or_none, &low) < 0) ||
        (high_or_none != Py_None && text_of(high_or_none, &high) < 0))
        return NULL;
    if (text.length && text.start[text.length - 1] != '\n') {
        PyErr_SetString(PyExc_ValueError, "expected whole lines, got one without its end");
        return NULL;
    }
    const char *end = text.start + text.length;
    if (!self->lines && expect_lines(self, text) < 0)
        return NULL;
    for (const char *at = text.start; at < end;) {
        const char *next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        Text line = {at, next - at};
        at = next;
        if ((low_or_none != Py_None && comes_before(line, low)) ||
            (high_or_none != Py_None && !comes_before(line, high)))
            continue;
        if (copy_line(self, line) < 0)
            return NULL;
    }
    Py_RETURN_NONE;
}

/* Returns the length of the common prefix of all lines, which is at least `n_sure`. */
static Py_ssize_t n_shared(const char *text, const Line *lines, Py_ssize_t n_lines, Py_ssize_t n_sure)
{
    Text first = text_at(text, lines[0]);
    Py_ssize_t n_bytes = first.length;
    for (Py_ssize_t number = 1; number < n_lines; number++) {
        Text other = text_at(text, lines[number]);
        Py_ssize_t at = n_sure, most = other.length < n_bytes ? other.length : n_bytes;
        while (at < most && first.start[at] == other.start[at])
            at++;
        n_bytes = at;
    }
    return n_bytes;
}

#define FEW 12 /* up to this number, lines are sorted by insertion */

static void sort_few_by_text(const char *text, Line *lines, Py_ssize_t n_lines)
{
    for (Py_ssize_t place = 1; place < n_lines; place++) {
        Line line = lines[place];
        Py_ssize_t to = place;
        for (; to > 0 && comes_before(text_at(text, line), text_at(text, lines[to - 1])); to--)
            lines[to] = lines[to - 1];
        lines[to] = line;
    }
}

static void sort_few_by_word(Line *lines, Py_ssize_t n_lines)
{
    for (Py_ssize_t place = 1; place < n_lines; place++) {
        Line line = lines[place];
        Py_ssize_t to = place;
        for (; to > 0 && line.word < lines[to - 1].word; to--)
            lines[to] = lines[to - 1];
        lines[to] = line;
    }
}

/* Merges two sorted neighbours; `spare` can hold the first. */
static void merge(Line *lines, Py_ssize_t n_first, Py_ssize_t n_lines, Line *spare)
{
    if (lines[n_first - 1].word <= lines[n_first].word)
        return;
    memcpy(spare, lines, (size_t)n_first * sizeof(Line));
    Py_ssize_t first = 0, second = n_first, to = 0;
    while (first < n_first && second < n_lines)
        lines[to++] = lines[second].word < spare[first].word ? lines[second++] : spare[first++];
    memcpy(lines + to, spare + first, (size_t)(n_first - first) * sizeof(Line));
}

static void sort_by_word(Line *lines, Py_ssize_t n_lines, Line *spare)
{
    if (n_lines <= FEW) {
        sort_few_by_word(lines, n_lines);
        return;
    }
    sort_by_word(lines, n_lines / 2, spare);
    sort_by_word(lines + n_lines / 2, n_lines - n_lines / 2, spare);
    merge(lines, n_lines / 2, n_lines, spare);
}

/* Sorts lines with a common prefix: by the next eight bytes, and so on. */
static void sort_lines(const char *text, Line *lines, Py_ssize_t n_lines, Py_ssize_t n_alike, Line *spare)
{
    if (n_lines <= FEW) {
        sort_few_by_text(text, lines, n_lines);
        return;
    }
    n_alike = n_shared(text, lines, n_lines, n_alike);
    for (Py_ssize_t number = 0; number < n_lines; number++)
        lines[number].word = word_at(text_at(text, lines[number]), n_alike);
    sort_by_word(lines, n_lines, spare);
    for (Py_ssize_t start = 0, end; start < n_lines; start = end) {
        for (end = start + 1; end < n_lines && lines[end].word == lines[start].word;)
            end++;
        if (n_alike + 8 < (Py_ssize_t)lines[start].length) /* else all are equal */
            sort_lines(text, lines + start, end - start, n_alike + 8, spare);
    }
}

static PyObject *LineSorter_sort(LineSorter *self, PyObject *none)
{
    (void)none;
    Line *spare = malloc(((size_t)self->n_lines / 2 + 1) * sizeof(Line));
    if (!spare)
        return PyErr_NoMemory();
    sort_lines(self->text, self->lines, self->n_lines, 0, spare);
    free(spare);
    Py_RETURN_NONE;
}

static PyObject *LineSorter_take(LineSorter *self, PyObject *arguments)
{
    Py_ssize_t most;
    PyObject *below_or_none;
    Text below;
    if (!PyArg_ParseTuple(arguments, "nO", &most, &below_or_none) ||
        (below_or_none != Py_None && text_of(below_or_none, &below) < 0))
        return NULL;
    Py_ssize_t end = self->n_taken, n_bytes = 0;
    for (; end < self->n_lines && n_bytes < most; end++) {
        if (below_or_none != Py_None && !comes_before(text_at(self->text, self->lines[end]), below))
            break;
        n_bytes += self->lines[end].length;
    }
    PyObject *taken = PyBytes_FromStringAndSize(NULL, n_bytes);
    char *to = taken ? PyBytes_AsString(taken) : NULL;
    if (!to)
        return NULL;
    for (; self->n_taken < end; self->n_taken++) {
        Text text = text_at(self->text, self->lines[self->n_taken]);
        memcpy(to, text.start, (size_t)text.length);
        to += text.length;
    }
    return taken;
}

static void LineSorter_dealloc(LineSorter *self)
{
    PyTypeObject *type = Py_TYPE(self);
    free(self->text);
    free(self->lines);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMethodDef LineSorter_methods[] = {
    {"reserve", (PyCFunction)LineSorter_reserve, METH_O, "reserve(n_bytes)"},
    {"add", (PyCFunction)LineSorter_add, METH_VARARGS, "add(text, low=None, high=None)"},
    {"sort", (PyCFunction)LineSorter_sort, METH_NOARGS, "sort()"},
    {"take", (PyCFunction)LineSorter_take, METH_VARARGS, "take(n_bytes, below) -> the next lines"},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot LineSorter_slots[] = {
    {Py_tp_doc, "Lines that are sorted by bytes."},
    {Py_tp_methods, LineSorter_methods},
    {Py_tp_dealloc, LineSorter_dealloc},
    {0, NULL},
};

static PyType_Spec LineSorter_spec = {
    "gafreduce.jobs.native._compiled.LineSorter", sizeof(LineSorter), 0, Py_TPFLAGS_DEFAULT, LineSorter_slots,
};

int add_line_sorter_type(PyObject *module)
{
    return add_type(module, "LineSorter", &LineSorter_spec, &LineSorter_type);
}
