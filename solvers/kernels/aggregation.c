/* Sparse matrices of small dense blocks, for multigrid by aggregation (solvers/aggregation.py).

   Rows of blocks are stored one after the other: those of row i are at pointers[i] to pointers[i + 1], and columns says
   to which block of the vector each belongs. A level has 3 unknowns a block (of a node) or MODES (of an aggregate).

   One side of a block fits a register, so that a product with a block is one multiplication of that register for each
   number of the other factor. Registers are read from wherever a side begins; what they hold beyond its end belongs to
   the next and is never stored. Arrays of blocks are therefore longer by a register. */

#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))
#define MODES 6
#define WIDE 8

typedef REAL side __attribute__((vector_size(WIDE * sizeof(REAL)), aligned(sizeof(REAL))));

INLINE side read(const REAL *numbers)
{
    return *(const side *)numbers;
}

/* A level: A = D + L + U by square blocks, each stored column by column, of which diagonal says where that of the row
   itself is; columns are in rising order, those of other ranks last. Sweeps divide by D + E, whose inverse is given,
   with a number E for each row. */
struct level {
    int64_t rows;
    const int32_t *pointers, *diagonal, *columns;
    const REAL *blocks, *inverse, *excess;
};

/* s -= A_k x over the blocks of a row from begin to end. */
INLINE void subtract(int size, const struct level *level, int64_t begin, int64_t end, const REAL *x, side *s)
{
    for (int64_t k = begin; k < end; k++)
#pragma GCC unroll 6
        for (int c = 0; c < size; c++)
            *s -= read(level->blocks + size * (size * k + c)) * x[size * (int64_t)level->columns[k] + c];
}

/* x = (D + E)^-1 (b + s) at row i; what a register holds beyond the block is left out. */
INLINE void settle(int size, const struct level *level, int64_t i, const REAL *b, side s, REAL *x)
{
    side y = {0};
#pragma GCC unroll 6
    for (int c = 0; c < size; c++)
        y += read(level->inverse + size * (size * i + c)) * (b[size * i + c] + s[c]);
#pragma GCC unroll 6
    for (int c = 0; c < size; c++)
        x[size * i + c] = y[c];
}

INLINE void forward_of(int size, const struct level *level, const REAL *b, REAL *x)
{
    for (int64_t i = 0; i < level->rows; i++) {
        side s = {0};
        subtract(size, level, level->pointers[i], level->diagonal[i], x, &s);
        settle(size, level, i, b, s, x);
    }
}

INLINE void residual_of(int size, const struct level *level, const REAL *x, REAL *r)
{
    for (int64_t i = 0; i < level->rows; i++) {
        side s = {0};
        subtract(size, level, level->diagonal[i] + 1, level->pointers[i + 1], x, &s);
#pragma GCC unroll 6
        for (int c = 0; c < size; c++)
            r[size * i + c] = s[c] + level->excess[i] * x[size * i + c];
    }
}

INLINE void backward_of(int size, const struct level *level, const REAL *b, REAL *x)
{
    for (int64_t i = level->rows - 1; i >= 0; i--) {
        side s = {0};
        subtract(size, level, level->pointers[i], level->diagonal[i], x, &s);
        subtract(size, level, level->diagonal[i] + 1, level->pointers[i + 1], x, &s);
#pragma GCC unroll 6
        for (int c = 0; c < size; c++)
            s[c] += level->excess[i] * x[size * i + c];
        settle(size, level, i, b, s, x);
    }
}

#define LEVEL \
    int64_t size, int64_t rows, const int32_t *pointers, const int32_t *diagonal, const int32_t *columns, \
        const REAL *blocks, const REAL *inverse, const REAL *excess
#define OF(kernel, ...) \
    const struct level level = {rows, pointers, diagonal, columns, blocks, inverse, excess}; \
    if (size == 3) \
        kernel(3, &level, __VA_ARGS__); \
    else \
        kernel(MODES, &level, __VA_ARGS__)

/* x = (D + E + L)^-1 b: a Gauss-Seidel sweep from zero, whatever x was. */
void forward(LEVEL, const REAL *b, REAL *x)
{
    OF(forward_of, b, x);
}

/* What that sweep leaves: r = b - A x = E x - U x, where U has the columns of other ranks too. */
void residual(LEVEL, const REAL *x, REAL *r)
{
    OF(residual_of, x, r);
}

/* A Gauss-Seidel sweep from x, from the last row to the first. */
void backward(LEVEL, const REAL *b, REAL *x)
{
    OF(backward_of, b, x);
}

/* A transfer P between a level and its aggregates: blocks of size x MODES numbers, row by row. */
#define TRANSFER int64_t size, int64_t rows, const int32_t *pointers, const int32_t *columns, const REAL *blocks
#define BY_SIZE(kernel, ...) \
    if (size == 3) \
        kernel(3, rows, pointers, columns, blocks, __VA_ARGS__); \
    else \
        kernel(MODES, rows, pointers, columns, blocks, __VA_ARGS__)

INLINE void prolong_blocks_of(int size, int64_t rows, const int32_t *pointers, const int32_t *columns, const REAL *blocks,
    const REAL *e, REAL *x)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t k = pointers[i]; k < pointers[i + 1]; k++)
#pragma GCC unroll 6
            for (int a = 0; a < size; a++) {
                const side s = read(blocks + MODES * (size * k + a)) * read(e + MODES * (int64_t)columns[k]);
                x[size * i + a] += (s[0] + s[1]) + (s[2] + s[3]) + (s[4] + s[5]);
            }
}

INLINE void restrict_blocks_of(int size, int64_t rows, const int32_t *pointers, const int32_t *columns, const REAL *blocks,
    const REAL *r, REAL *e)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t k = pointers[i]; k < pointers[i + 1]; k++) {
            side s = {0};
#pragma GCC unroll 6
            for (int a = 0; a < size; a++)
                s += read(blocks + MODES * (size * k + a)) * r[size * i + a];
#pragma GCC unroll 6
            for (int c = 0; c < MODES; c++)
                e[MODES * (int64_t)columns[k] + c] += s[c];
        }
}

/* x += P e. */
void prolong_blocks(TRANSFER, const REAL *e, REAL *x)
{
    BY_SIZE(prolong_blocks_of, e, x);
}

/* e += P' r. */
void restrict_blocks(TRANSFER, const REAL *r, REAL *e)
{
    BY_SIZE(restrict_blocks_of, r, e);
}

/* C += A B, blocks of A with height x width numbers and of B with width x MODES, all row by row. C has room for every
   block of the product; place is for a number for each column of B. */
INLINE void multiply_of(int height, int width, int64_t rows, const int32_t *pointers_a, const int32_t *columns_a,
    const REAL *a, const int32_t *pointers_b, const int32_t *columns_b, const REAL *b, const int32_t *pointers_c,
    const int32_t *columns_c, REAL *c, int32_t *place)
{
    for (int64_t i = 0; i < rows; i++) {
        for (int32_t k = pointers_c[i]; k < pointers_c[i + 1]; k++)
            place[columns_c[k]] = k;
        for (int64_t k = pointers_a[i]; k < pointers_a[i + 1]; k++)
            for (int64_t m = pointers_b[columns_a[k]]; m < pointers_b[columns_a[k] + 1]; m++) {
                REAL *sum = c + MODES * height * (int64_t)place[columns_b[m]];
#pragma GCC unroll 6
                for (int h = 0; h < height; h++) {
                    side s = {0};
#pragma GCC unroll 6
                    for (int w = 0; w < width; w++)
                        s += a[width * (height * k + h) + w] * read(b + MODES * (width * m + w));
#pragma GCC unroll 6
                    for (int n = 0; n < MODES; n++)
                        sum[MODES * h + n] += s[n];
                }
            }
    }
}

void multiply(int64_t height, int64_t width, int64_t rows, const int32_t *pointers_a, const int32_t *columns_a,
    const REAL *a, const int32_t *pointers_b, const int32_t *columns_b, const REAL *b, const int32_t *pointers_c,
    const int32_t *columns_c, REAL *c, int32_t *place)
{
#define CASE(HEIGHT, WIDTH) \
    if (height == HEIGHT && width == WIDTH) \
    multiply_of(HEIGHT, WIDTH, rows, pointers_a, columns_a, a, pointers_b, columns_b, b, pointers_c, columns_c, c, place)
    CASE(3, 3);
    CASE(MODES, 3);
    CASE(MODES, MODES);
}

/* Join nodes to aggregates along a graph: first every node that has a neighbour, and none in an aggregate yet, with all
   of these; then what is left to an aggregate beside it; then the rest among itself. A node without neighbours is in
   none (-1). */
void aggregate(int64_t nodes, const int32_t *pointers, const int32_t *columns, int32_t *of)
{
    int32_t count = 0;
    for (int64_t i = 0; i < nodes; i++)
        of[i] = -1;
    for (int64_t i = 0; i < nodes; i++) {
        int is_free = of[i] < 0 && pointers[i + 1] > pointers[i];
        for (int32_t k = pointers[i]; k < pointers[i + 1] && is_free; k++)
            is_free = of[columns[k]] < 0;
        if (!is_free)
            continue;
        of[i] = count;
        for (int32_t k = pointers[i]; k < pointers[i + 1]; k++)
            of[columns[k]] = count;
        count++;
    }
    for (int64_t i = 0; i < nodes; i++) /* a choice is marked below -1 until all have chosen, or one would trail away */
        for (int32_t k = pointers[i]; k < pointers[i + 1] && of[i] == -1; k++)
            if (of[columns[k]] >= 0)
                of[i] = -2 - of[columns[k]];
    for (int64_t i = 0; i < nodes; i++)
        if (of[i] < -1)
            of[i] = -2 - of[i];
    for (int64_t i = 0; i < nodes; i++) {
        for (int32_t k = pointers[i]; k < pointers[i + 1] && of[i] < 0; k++)
            if (of[columns[k]] >= 0)
                of[i] = of[columns[k]];
        if (of[i] >= 0 || pointers[i + 1] == pointers[i])
            continue;
        of[i] = count;
        for (int32_t k = pointers[i]; k < pointers[i + 1]; k++)
            of[columns[k]] = count;
        count++;
    }
}
