/* Counts of distinct gene products by term, direct and propagated, for one organism after another.
 * jobs/reducer/propagation.py describes each method of `TermCounts`.
 *
 * Each gene product has a number. A term that is reached for a gene product is marked with its number, so
 * that it is counted once, however many paths and lines reach it. Arrays have an item for each term of the
 * ontology, and exist as long as the task; only the terms that an organism touched are read and reset. */
#include "native.h"

static PyTypeObject *TermCounts_type;

static const char letters[] = "PFC?"; /* aspects; `?` for unknown terms without one */
#define N_LETTERS 4
#define MOST_LANDMARKS 32

typedef struct {
    int64_t n_annotations, n_direct, n_propagated, n_stated;
    uint64_t direct, reached, stated; /* number of the gene product that was counted last */
    int is_touched;
} Term;

typedef struct {
    PyObject_HEAD
    Py_ssize_t n_known; /* terms of the ontology; unknown terms follow */
    Py_ssize_t n_terms;
    Py_ssize_t capacity;
    Term *terms;
    int32_t *touched;
    Py_ssize_t n_touched;
    int32_t *stack;
    int32_t *first_parent; /* n_known + 1 positions in `parents` */
    int32_t *parents;
    unsigned char *aspects;     /* position in `letters`, for each known term */
    unsigned char *watched;     /* for each known term: bit 1 for its stated token, 2 for the other */
    unsigned char watched_letters[256];
    PyObject *go_ids;           /* owned list of bytes, with those of unknown terms */
    PyObject *unknown;          /* owned dict: id -> number */
    PyObject *unknown_aspects;  /* owned set of (id, letter) of this organism */
    int target; /* aspect */
    uint64_t product;
    int64_t supported[N_LETTERS], n_no_data, n_other;
    /* with the lines that filters exclude: */
    int64_t n_all, all_supported[N_LETTERS], n_excluded_on_target;
    int n_landmarks;
    Py_ssize_t landmarks[MOST_LANDMARKS];          /* terms; -1: the ontology lacks it */
    int64_t n_outside_of_landmark[MOST_LANDMARKS]; /* gene products that no counted term brought there */
    int64_t *lines_of_file;    /* by the file's number */
    int64_t *excluded_of_file; /* lines that filters exclude */
    int32_t *files;            /* numbers of files with lines */
    Py_ssize_t n_files, file_capacity;
} TermCounts;

/* Reads the numbers of parents: a line for each term, like "4,17". */
static int read_parents(TermCounts *self, Text lines)
{
    Py_ssize_t n_numbers = 0, capacity = 0;
    self->first_parent = calloc((size_t)self->n_known + 1, sizeof(int32_t));
    if (!self->first_parent)
        return -1;
    const char *at = lines.start, *end = at + lines.length;
    for (Py_ssize_t term = 0; term < self->n_known; term++) {
        self->first_parent[term] = (int32_t)n_numbers;
        const char *line_end = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        if ((line_end != NULL) != (term + 1 < self->n_known)) /* too few or too many lines */
            return -1;
        const char *stop = line_end ? line_end : end;
        while (at < stop) {
            int64_t number = 0;
            for (; at < stop && *at >= '0' && *at <= '9' && number <= INT32_MAX; at++)
                number = 10 * number + (*at - '0');
            if (number >= self->n_known || (at < stop && *at != ','))
                return -1;
            at++;
            if (n_numbers == capacity) {
                capacity = capacity ? 2 * capacity : 1024;
                int32_t *larger = realloc(self->parents, (size_t)capacity * sizeof(int32_t));
                if (!larger)
                    return -1;
                self->parents = larger;
            }
            self->parents[n_numbers++] = (int32_t)number;
        }
        at = stop + 1;
    }
    self->first_parent[self->n_known] = (int32_t)n_numbers;
    return 0;
}

static int letter_place(char letter)
{
    const char *found = letter ? strchr(letters, letter) : NULL;
    return found ? (int)(found - letters) : -1;
}

/* Reserves terms in the arrays that grow with unknown terms. */
static int reserve(TermCounts *self, Py_ssize_t n_terms)
{
    if (n_terms <= self->capacity)
        return 0;
    Py_ssize_t capacity = n_terms + n_terms / 2;
    if (capacity > INT32_MAX)
        return -1;
    Term *terms = realloc(self->terms, (size_t)capacity * sizeof(Term));
    if (terms)
        self->terms = terms;
    int32_t *touched = realloc(self->touched, (size_t)capacity * sizeof(int32_t));
    if (touched)
        self->touched = touched;
    if (!terms || !touched)
        return -1;
    memset(terms + self->capacity, 0, (size_t)(capacity - self->capacity) * sizeof(Term));
    self->capacity = capacity;
    return 0;
}

/* Returns the known term of a token like 4711x; -1 for other tokens. */
static Py_ssize_t known_term(const TermCounts *self, Text token)
{
    int64_t number = 0;
    Py_ssize_t n_digits = token.length - 1;
    if (n_digits < 1 || n_digits > 9)
        return -1;
    for (Py_ssize_t at = 0; at < n_digits; at++) {
        if (token.start[at] < '0' || token.start[at] > '9')
            return -1;
        number = 10 * number + (token.start[at] - '0');
    }
    return number < self->n_known ? (Py_ssize_t)number : -1;
}

static int read_watched(TermCounts *self, PyObject *tokens)
{
    Py_ssize_t n_tokens = PyList_Size(tokens);
    for (Py_ssize_t at = 0; at < n_tokens; at++) {
        Text token;
        if (text_of(PyList_GetItem(tokens, at), &token) < 0)
            return -1;
        Py_ssize_t term = known_term(self, token);
        if (term >= 0)
            self->watched[term] |= token.start[token.length - 1] == 'x' ? 1 : 2;
        else if (token.length == 1)
            self->watched_letters[(unsigned char)token.start[0]] = 1;
    }
    return n_tokens < 0 ? -1 : 0;
}

static int read_landmarks(TermCounts *self, PyObject *numbers)
{
    Py_ssize_t n_numbers = PyList_Size(numbers);
    if (n_numbers < 0 || n_numbers > MOST_LANDMARKS)
        return -1;
    for (Py_ssize_t at = 0; at < n_numbers; at++) {
        Py_ssize_t number = PyLong_AsSsize_t(PyList_GetItem(numbers, at));
        if (PyErr_Occurred() || number >= self->n_known)
            return -1;
        self->landmarks[at] = number;
    }
    self->n_landmarks = (int)n_numbers;
    return 0;
}

static PyObject *TermCounts_new(PyTypeObject *type, PyObject *arguments, PyObject *names)
{
    (void)type;
    (void)names;
    PyObject *go_ids, *watched, *landmarks;
    Text parents, aspects;
    const char *target;
    if (!PyArg_ParseTuple(arguments, "y#y#OOsO", &parents.start, &parents.length, &aspects.start,
                          &aspects.length, &go_ids, &watched, &target, &landmarks))
        return NULL;
    Py_ssize_t n_known = PyList_Size(go_ids);
    if (n_known < 0)
        return NULL;
    TermCounts *self = PyObject_New(TermCounts, TermCounts_type);
    if (!self)
        return NULL;
    memset((char *)self + sizeof(PyObject), 0, sizeof(TermCounts) - sizeof(PyObject));
    self->n_known = self->n_terms = n_known;
    self->target = letter_place(target[0]);
    self->aspects = calloc((size_t)n_known + 1, 1);
    self->watched = calloc((size_t)n_known + 1, 1);
    self->stack = malloc(((size_t)n_known + 1) * sizeof(int32_t));
    self->go_ids = PyList_GetSlice(go_ids, 0, n_known);
    self->unknown = PyDict_New();
    self->unknown_aspects = PySet_New(NULL);
    int is_good = self->aspects && self->watched && self->stack && self->go_ids && self->unknown &&
                  self->unknown_aspects && self->target >= 0 && aspects.length == n_known &&
                  n_known < INT32_MAX &&
                  reserve(self, n_known + 1) == 0 && read_parents(self, parents) == 0 &&
                  read_watched(self, watched) == 0 && read_landmarks(self, landmarks) == 0;
    for (Py_ssize_t term = 0; is_good && term < n_known; term++) {
        int place = letter_place(aspects.start[term]);
        is_good = place >= 0;
        self->aspects[term] = (unsigned char)place;
    }
    if (!is_good) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "expected a whole term file");
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void TermCounts_dealloc(TermCounts *self)
{
    PyTypeObject *type = Py_TYPE(self);
    free(self->terms);
    free(self->touched);
    free(self->stack);
    free(self->first_parent);
    free(self->parents);
    free(self->aspects);
    free(self->watched);
    free(self->lines_of_file);
    free(self->excluded_of_file);
    free(self->files);
    Py_XDECREF(self->go_ids);
    Py_XDECREF(self->unknown);
    Py_XDECREF(self->unknown_aspects);
    PyObject_Free(self);
    Py_DECREF(type);
}

static inline Term *touch(TermCounts *self, Py_ssize_t number)
{
    Term *term = &self->terms[number];
    if (!term->is_touched) {
        term->is_touched = 1;
        self->touched[self->n_touched++] = (int32_t)number;
    }
    return term;
}

/* Counts this gene product for a term and all above it. */
static void go_up(TermCounts *self, Py_ssize_t number)
{
    int32_t *stack = self->stack; /* has each term at most once: they are marked before */
    Py_ssize_t height = 0;
    Term *term = touch(self, number);
    if (term->reached == self->product)
        return;
    term->reached = self->product;
    term->n_propagated++;
    if (number >= self->n_known)
        return;
    stack[height++] = (int32_t)number;
    while (height) {
        int32_t below = stack[--height];
        for (int32_t at = self->first_parent[below]; at < self->first_parent[below + 1]; at++) {
            int32_t parent = self->parents[at];
            term = touch(self, parent);
            if (term->reached == self->product)
                continue;
            term->reached = self->product;
            term->n_propagated++;
            stack[height++] = parent;
        }
    }
}

/* Returns the number of an unknown term: the token GO:1234567Px without its last two bytes. */
static Py_ssize_t unknown_term(TermCounts *self, Text token)
{
    PyObject *go_id = PyBytes_FromStringAndSize(token.start, token.length - 2);
    char letter[2] = {token.start[token.length - 2], 0};
    PyObject *pair = go_id ? Py_BuildValue("(Os)", go_id, letter) : NULL;
    Py_ssize_t number = -1;
    if (!pair || PySet_Add(self->unknown_aspects, pair) < 0)
        goto end;
    PyObject *known = PyDict_GetItemWithError(self->unknown, go_id);
    if (known) {
        number = PyLong_AsSsize_t(known);
        goto end;
    }
    if (PyErr_Occurred())
        goto end;
    if (reserve(self, self->n_terms + 1) < 0) {
        PyErr_NoMemory();
        goto end;
    }
    PyObject *place = PyLong_FromSsize_t(self->n_terms);
    if (place && PyDict_SetItem(self->unknown, go_id, place) == 0 &&
        PyList_Append(self->go_ids, go_id) == 0)
        number = self->n_terms++;
    Py_XDECREF(place);
end:
    Py_XDECREF(pair);
    Py_XDECREF(go_id);
    return number;
}

/* Facts on one gene product. */
typedef struct {
    unsigned supported; /* bits of aspects */
    unsigned outside;   /* the same, by lines outside of the counted terms */
    uint32_t landmarks; /* bits of landmarks, by such lines */
    int has_no_data, has_other, is_watched, has_runs, is_kept, is_excluded_on_target;
} ProductFacts;

/* Counts a token like +Pbe: a line outside of the counted terms (jobs/mapper/interpretation.py). */
static int count_outside(TermCounts *self, Text token, ProductFacts *facts)
{
    int place = letter_place(token.start[1]);
    if (place < 0) {
        PyErr_SetString(PyExc_ValueError, "expected an aspect in a token, got another letter");
        return -1;
    }
    facts->outside |= 1u << place;
    if (token.start[0] == '+')
        facts->supported |= 1u << place;
    else if (token.start[0] == '-')
        facts->has_other |= place == self->target;
    for (Py_ssize_t at = 2; at < token.length; at++) {
        int landmark = token.start[at] - 'a';
        if (token.start[at] == '!')
            facts->is_excluded_on_target = 1;
        else if (landmark >= 0 && landmark < self->n_landmarks)
            facts->landmarks |= (uint32_t)1 << landmark;
    }
    return 0;
}

static int count_token(TermCounts *self, Text token, ProductFacts *facts)
{
    if (token.length == 1) { /* jobs/mapper/interpretation.py describes them */
        char letter = token.start[0];
        facts->is_watched |= self->watched_letters[(unsigned char)letter];
        if (letter == 'a')
            facts->has_other = 1;
        else if (letter == letters[self->target])
            facts->has_no_data = 1;
        return 0;
    }
    if (token.length && token.start[0] < '0') /* + and - */
        return count_outside(self, token, facts);
    if (token.length && token.start[0] == '~')
        return count_outside(self, token, facts);
    int is_stated = token.start[token.length - 1] == 'x';
    Py_ssize_t number = known_term(self, token);
    if (number >= 0) {
        facts->supported |= 1u << self->aspects[number];
        facts->is_watched |= self->watched[number] & (is_stated ? 1 : 2);
    } else {
        int place = token.length > 2 ? letter_place(token.start[token.length - 2]) : -1;
        if (place < 0 || token.start[0] != 'G') {
            PyErr_SetString(PyExc_ValueError, "expected records of runs, got another token");
            return -1;
        }
        number = unknown_term(self, token);
        if (number < 0)
            return -1;
        facts->supported |= 1u << place;
    }
    Term *term = touch(self, number);
    term->n_annotations++;
    if (is_stated && term->stated != self->product) {
        term->stated = self->product;
        term->n_stated++;
    }
    if (term->direct != self->product) {
        term->direct = self->product;
        term->n_direct++;
        go_up(self, number);
    }
    return 0;
}

static int count_tokens(TermCounts *self, Text tokens, ProductFacts *facts)
{
    const char *at = tokens.start, *end = at + tokens.length;
    while (at < end) {
        const char *blank = memchr(at, ' ', (size_t)(end - at));
        const char *stop = blank ? blank : end;
        if (count_token(self, (Text){at, stop - at}, facts) < 0)
            return -1;
        at = stop + 1;
    }
    return 0;
}

/* Adds the facts on a gene product to those on its organism. */
static void end_product(TermCounts *self, const ProductFacts *facts)
{
    for (int place = 0; place < N_LETTERS; place++) {
        self->supported[place] += facts->supported >> place & 1;
        self->all_supported[place] += (facts->supported | facts->outside) >> place & 1;
    }
    self->n_all += facts->has_runs;
    self->n_excluded_on_target += facts->is_excluded_on_target;
    for (int at = 0; facts->landmarks >> at; at++) {
        Py_ssize_t term = self->landmarks[at];
        if ((facts->landmarks >> at & 1) && (term < 0 || self->terms[term].reached != self->product))
            self->n_outside_of_landmark[at]++;
    }
    self->n_no_data += facts->has_no_data;
    self->n_other += facts->has_other || (facts->supported >> self->target & 1);
}

/* Splits a record into fields; -1 with ValueError if it has fewer. */
static int fields_of(Text rest, Text *fields)
{
    for (int field = 0; field < RUN_FIELDS - 1; field++) {
        const char *tab = rest.length ? memchr(rest.start, '\t', (size_t)rest.length) : NULL;
        if (!tab) {
            PyErr_SetString(PyExc_ValueError, "expected records of step 1, got another line");
            return -1;
        }
        fields[field] = (Text){rest.start, tab - rest.start};
        rest.length -= fields[field].length + 1;
        rest.start = tab + 1;
    }
    fields[RUN_FIELDS - 1] = rest;
    return 0;
}

/* Returns the line that begins at a position, without its end. */
static Text line_at(const char *at, const char *end)
{
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    return (Text){at, (line_end ? line_end : end) - at};
}

/* Appends a line, and its line end, to a list. */
static int append_line(PyObject *list, Text line, const char *end)
{
    int has_end = line.start + line.length < end;
    return append(list, PyBytes_FromStringAndSize(line.start, line.length + has_end));
}

/* Appends the list of the lines of a text to a list. */
static int append_lines(PyObject *lists, const char *start, const char *end)
{
    PyObject *lines = PyList_New(0);
    for (const char *at = start; lines && at < end;) {
        Text line = line_at(at, end);
        if (append_line(lines, line, end) < 0)
            Py_CLEAR(lines);
        at = line.start + line.length + 1;
    }
    return append(lists, lines);
}

static int64_t number_of(Text digits)
{
    int64_t number = 0;
    for (Py_ssize_t at = 0; at < digits.length; at++)
        number = 10 * number + (digits.start[at] - '0');
    return number;
}

#define MOST_FILES (1 << 24)

/* Reserves the counts of a file of this number. */
static int reserve_file(TermCounts *self, int64_t number)
{
    Py_ssize_t capacity = 2 * (Py_ssize_t)number + 16;
    int64_t *lines = realloc(self->lines_of_file, (size_t)capacity * sizeof(int64_t));
    if (lines)
        self->lines_of_file = lines;
    int64_t *excluded = lines ? realloc(self->excluded_of_file, (size_t)capacity * sizeof(int64_t)) : NULL;
    if (excluded)
        self->excluded_of_file = excluded;
    int32_t *files = excluded ? realloc(self->files, (size_t)capacity * sizeof(int32_t)) : NULL;
    if (!files) {
        PyErr_NoMemory();
        return -1;
    }
    self->files = files;
    memset(lines + self->file_capacity, 0, (size_t)(capacity - self->file_capacity) * sizeof(int64_t));
    memset(excluded + self->file_capacity, 0, (size_t)(capacity - self->file_capacity) * sizeof(int64_t));
    self->file_capacity = capacity;
    return 0;
}

/* Counts the lines of a record for its file: `=NUMBER`, or `=NUMBER/LINES` where annotations are not lines;
 * `~` instead of `=`: filters exclude them. */
static int count_lines(TermCounts *self, Text kind, int64_t n_annotations)
{
    const char *slash = kind.length ? memchr(kind.start, '/', (size_t)kind.length) : NULL;
    const char *end = kind.start + kind.length, *stop = slash ? slash : end;
    int64_t n_lines = slash ? number_of((Text){slash + 1, end - slash - 1}) : n_annotations;
    int64_t number = stop - kind.start < 2 ? -1 : number_of((Text){kind.start + 1, stop - kind.start - 1});
    int is_excluded = kind.length && kind.start[0] == '~';
    if (number < 0 || number >= MOST_FILES || (kind.start[0] != '=' && !is_excluded)) {
        PyErr_SetString(PyExc_ValueError, "expected records of runs, got one without its file");
        return -1;
    }
    if (number >= self->file_capacity && reserve_file(self, number) < 0)
        return -1;
    if (n_lines > 0 && !self->lines_of_file[number] && !self->excluded_of_file[number])
        self->files[self->n_files++] = (int32_t)number;
    int64_t *lines = is_excluded ? self->excluded_of_file : self->lines_of_file;
    lines[number] += n_lines > 0 ? n_lines : 0;
    return 0;
}

static PyObject *TermCounts_add(TermCounts *self, PyObject *object)
{
    Text text;
    if (text_of(object, &text) < 0)
        return NULL;
    const char *end = text.start + text.length, *start = text.start; /* of a gene product */
    int64_t n_products = 0, n_annotations = 0; /* of kept lines */
    PyObject *rows = PyList_New(0), *watched = rows ? PyList_New(0) : NULL;
    int failed = !watched;
    Text before = {NULL, -1};
    ProductFacts facts = {0};
    for (const char *at = text.start; !failed && at < end;) {
        Text fields[RUN_FIELDS], line = line_at(at, end);
        if (fields_of(line, fields) < 0) {
            failed = 1;
            break;
        }
        if (!are_equal(fields[1], before)) { /* another gene product */
            if (before.start) {
                end_product(self, &facts);
                n_products += facts.is_kept;
                failed = facts.is_watched && append_lines(watched, start, at) < 0;
            }
            start = at;
            before = fields[1];
            facts = (ProductFacts){0};
            self->product++;
        }
        if (fields[2].length == 1 && fields[2].start[0] == 'A') { /* a row of `annotations` */
            failed = failed || append_line(rows, line, end) < 0;
        } else {
            int64_t n_of_run = number_of(fields[3]);
            int is_kept = fields[2].length && fields[2].start[0] == '=';
            n_annotations += is_kept ? n_of_run : 0;
            facts.is_kept |= is_kept;
            facts.has_runs = 1;
            failed = failed || count_lines(self, fields[2], n_of_run) < 0 ||
                     count_tokens(self, fields[4], &facts) < 0;
        }
        at = line.start + line.length + 1;
    }
    if (!failed && before.start) {
        end_product(self, &facts);
        n_products += facts.is_kept;
        failed = facts.is_watched && append_lines(watched, start, end) < 0;
    }
    if (!failed)
        return Py_BuildValue("(LLNN)", (long long)n_products, (long long)n_annotations, rows, watched);
    Py_XDECREF(rows);
    Py_XDECREF(watched);
    return NULL;
}

static char *put_number(char *to, int64_t number)
{
    char digits[24];
    int n_digits = 0;
    do
        digits[n_digits++] = (char)('0' + number % 10);
    while (number /= 10);
    *to++ = '\t';
    while (n_digits)
        *to++ = digits[--n_digits];
    return to;
}

/* Returns a profile: P<GO id>, organism, and the four numbers of a term. */
static PyObject *profile_record(Text go_id, Text taxon, const Term *term)
{
    char numbers[4 * 24];
    char *end = put_number(numbers, term->n_annotations);
    end = put_number(end, term->n_direct);
    end = put_number(end, term->n_propagated);
    end = put_number(end, term->n_stated);
    PyObject *record =
        PyBytes_FromStringAndSize(NULL, 2 + go_id.length + taxon.length + (end - numbers));
    char *to = record ? PyBytes_AsString(record) : NULL;
    if (!to)
        return NULL;
    *to++ = 'P';
    memcpy(to, go_id.start, (size_t)go_id.length);
    to += go_id.length;
    *to++ = '\t';
    memcpy(to, taxon.start, (size_t)taxon.length);
    memcpy(to + taxon.length, numbers, (size_t)(end - numbers));
    return record;
}

static PyObject *TermCounts_profile(TermCounts *self, PyObject *arguments)
{
    Text taxon;
    PyObject *shown;
    if (!PyArg_ParseTuple(arguments, "y#O", &taxon.start, &taxon.length, &shown))
        return NULL;
    PyObject *records = PyList_New(0);
    for (Py_ssize_t at = 0; records && at < self->n_touched; at++) {
        Py_ssize_t number = self->touched[at];
        Text go_id;
        PyObject *object = PyList_GetItem(self->go_ids, number);
        int is_shown = shown == Py_None ? 1 : object ? PySet_Contains(shown, object) : -1;
        if (is_shown < 0 || text_of(object, &go_id) < 0) {
            Py_CLEAR(records);
            break;
        }
        PyObject *record = is_shown ? profile_record(go_id, taxon, &self->terms[number]) : NULL;
        if (is_shown && (!record || PyList_Append(records, record) < 0))
            Py_CLEAR(records);
        Py_XDECREF(record);
    }
    return records;
}

static PyObject *TermCounts_aspects(TermCounts *self, PyObject *none)
{
    (void)none;
    PyObject *supported = PyDict_New();
    for (int place = 0; supported && place < N_LETTERS; place++) {
        char letter[2] = {letters[place], 0};
        PyObject *number = PyLong_FromLongLong(self->supported[place]);
        if (!number || PyDict_SetItemString(supported, letter, number) < 0)
            Py_CLEAR(supported);
        Py_XDECREF(number);
    }
    return supported ? Py_BuildValue("(NLLO)", supported, (long long)self->n_no_data,
                                     (long long)self->n_other, self->unknown_aspects)
                     : NULL;
}

/* Returns the lines of each file that has any, by its number. */
static PyObject *lines_by_file(const TermCounts *self, const int64_t *lines)
{
    PyObject *found = PyDict_New();
    for (Py_ssize_t at = 0; found && at < self->n_files; at++) {
        if (!lines[self->files[at]])
            continue;
        PyObject *number = PyLong_FromLong(self->files[at]);
        PyObject *n_lines = PyLong_FromLongLong(lines[self->files[at]]);
        if (!number || !n_lines || PyDict_SetItem(found, number, n_lines) < 0)
            Py_CLEAR(found);
        Py_XDECREF(number);
        Py_XDECREF(n_lines);
    }
    return found;
}

static PyObject *TermCounts_files(TermCounts *self, PyObject *none)
{
    (void)none;
    return lines_by_file(self, self->lines_of_file);
}

static PyObject *TermCounts_outside(TermCounts *self, PyObject *none)
{
    (void)none;
    PyObject *supported = PyDict_New(), *landmarks = PyList_New(0);
    for (int place = 0; supported && place < N_LETTERS; place++) {
        char letter[2] = {letters[place], 0};
        PyObject *number = PyLong_FromLongLong(self->all_supported[place]);
        if (!number || PyDict_SetItemString(supported, letter, number) < 0)
            Py_CLEAR(supported);
        Py_XDECREF(number);
    }
    for (int at = 0; landmarks && at < self->n_landmarks; at++) {
        Py_ssize_t term = self->landmarks[at];
        int64_t n_products = self->n_outside_of_landmark[at] + (term < 0 ? 0 : self->terms[term].n_propagated);
        if (append(landmarks, PyLong_FromLongLong(n_products)) < 0)
            Py_CLEAR(landmarks);
    }
    PyObject *files = lines_by_file(self, self->excluded_of_file);
    if (supported && landmarks && files)
        return Py_BuildValue("(LNNLN)", (long long)self->n_all, supported, landmarks,
                             (long long)self->n_excluded_on_target, files);
    Py_XDECREF(supported);
    Py_XDECREF(landmarks);
    Py_XDECREF(files);
    return NULL;
}

static PyObject *TermCounts_clear(TermCounts *self, PyObject *none)
{
    (void)none;
    PyObject *unknown_aspects = PySet_New(NULL); /* a new one: the caller may hold the old one */
    if (!unknown_aspects ||
        PyList_SetSlice(self->go_ids, self->n_known, PyList_Size(self->go_ids), NULL) < 0) {
        Py_XDECREF(unknown_aspects);
        return NULL;
    }
    PyDict_Clear(self->unknown);
    for (Py_ssize_t at = 0; at < self->n_touched; at++)
        memset(&self->terms[self->touched[at]], 0, sizeof(Term));
    self->n_touched = 0;
    self->n_terms = self->n_known;
    memset(self->supported, 0, sizeof self->supported);
    self->n_no_data = self->n_other = self->n_all = self->n_excluded_on_target = 0;
    memset(self->all_supported, 0, sizeof self->all_supported);
    memset(self->n_outside_of_landmark, 0, sizeof self->n_outside_of_landmark);
    for (Py_ssize_t at = 0; at < self->n_files; at++)
        self->lines_of_file[self->files[at]] = self->excluded_of_file[self->files[at]] = 0;
    self->n_files = 0;
    Py_DECREF(self->unknown_aspects);
    self->unknown_aspects = unknown_aspects;
    Py_RETURN_NONE;
}

static PyMethodDef TermCounts_methods[] = {
    {"add", (PyCFunction)TermCounts_add, METH_O, "add(text) -> gene products, lines, rows, watched records"},
    {"profile", (PyCFunction)TermCounts_profile, METH_VARARGS, "profile(taxon, shown)"},
    {"aspects", (PyCFunction)TermCounts_aspects, METH_NOARGS,
     "aspects() -> by letter, no data, other, aspects of unknown terms"},
    {"files", (PyCFunction)TermCounts_files, METH_NOARGS, "files() -> lines by number of the file"},
    {"outside", (PyCFunction)TermCounts_outside, METH_NOARGS,
     "outside() -> gene products, by letter, by landmark, excluded on the target, excluded lines by file"},
    {"clear", (PyCFunction)TermCounts_clear, METH_NOARGS, "Begin another organism."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot TermCounts_slots[] = {
    {Py_tp_doc, "TermCounts(parents, aspects, go_ids, watched, target, landmarks): gene products of one organism by term."},
    {Py_tp_new, TermCounts_new},
    {Py_tp_methods, TermCounts_methods},
    {Py_tp_dealloc, TermCounts_dealloc},
    {0, NULL},
};

static PyType_Spec TermCounts_spec = {
    "gafreduce.jobs.native._compiled.TermCounts", sizeof(TermCounts), 0, Py_TPFLAGS_DEFAULT, TermCounts_slots,
};

int add_term_counts_type(PyObject *module)
{
    return add_type(module, "TermCounts", &TermCounts_spec, &TermCounts_type);
}
