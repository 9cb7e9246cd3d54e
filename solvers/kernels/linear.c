/* The matrix of linear elasticity on linear tetrahedra, by blocks of nodes (solvers/linear_elements.py):

       A_ab = Int sigma(phi_a) : eps(phi_b) dx
            = V (lambda g_a g_b' + mu g_b g_a' + mu (g_a . g_b) I),    g_a = grad phi_a,

   with one point of quadrature in the middle of a cell, curved or not (Hughes, The Finite Element Method, 2000,
   sections 2.8 and 3.10). Rows of blocks as in aggregation.c; columns rise in a row. */

#include <stdint.h>

/* Of quadratic tetrahedra, the nodes in the middle of the edges at each vertex. */
static const int MIDDLES[4][3] = {{7, 8, 9}, {5, 6, 9}, {4, 6, 8}, {4, 5, 7}};

/* J[c][k] = dx_c / dxi_k in the middle of a cell. The middle nodes alone determine it on a quadratic tetrahedron, as
   there grad (lambda_i (2 lambda_i - 1)) = 0 and grad (4 lambda_i lambda_j) = grad lambda_i + grad lambda_j. */
static void jacobian(int64_t number, const int32_t *nodes, const double *x, double J[3][3])
{
    double at[4][3];
    for (int v = 0; v < 4; v++)
        for (int c = 0; c < 3; c++)
            at[v][c] = number == 4
                ? x[3 * (int64_t)nodes[v] + c]
                : x[3 * (int64_t)nodes[MIDDLES[v][0]] + c] + x[3 * (int64_t)nodes[MIDDLES[v][1]] + c]
                    + x[3 * (int64_t)nodes[MIDDLES[v][2]] + c];
    for (int c = 0; c < 3; c++)
        for (int k = 0; k < 3; k++)
            J[c][k] = at[k + 1][c] - at[0][c];
}

/* Where the block of a column is, which must be there. */
static int64_t place_of(int32_t column, int64_t begin, int64_t end, const int32_t *columns)
{
    while (end - begin > 1) {
        const int64_t middle = (begin + end) / 2;
        if (columns[middle] <= column)
            begin = middle;
        else
            end = middle;
    }
    return begin;
}

/* Add the blocks of all cells, without the rows and columns that are held [node][3]. Cells have the given number of
   nodes in the geometry, 4 or 10, and lambda and mu of their own. */
void add_linear(int64_t cells, int64_t number, const int32_t *geometry, const double *x, const REAL *lambda,
    const REAL *mu, const int32_t (*dofs)[4], const uint8_t *held, const int64_t *pointers, const int32_t *columns,
    REAL *blocks)
{
    for (int64_t cell = 0; cell < cells; cell++, geometry += number) {
        double J[3][3], g[4][3];
        jacobian(number, geometry, x, J);
        for (int k = 0; k < 3; k++) /* cofactors */
            for (int c = 0; c < 3; c++)
                g[k + 1][c] = J[(c + 1) % 3][(k + 1) % 3] * J[(c + 2) % 3][(k + 2) % 3]
                    - J[(c + 1) % 3][(k + 2) % 3] * J[(c + 2) % 3][(k + 1) % 3];
        const double det = J[0][0] * g[1][0] + J[1][0] * g[1][1] + J[2][0] * g[1][2];
        for (int c = 0; c < 3; c++) {
            for (int k = 1; k < 4; k++)
                g[k][c] /= det;
            g[0][c] = -g[1][c] - g[2][c] - g[3][c];
        }
        const double volume = (det < 0 ? -det : det) / 6;
        for (int a = 0; a < 4; a++)
            for (int b = 0; b < 4; b++) {
                const int64_t row = dofs[cell][a], column = dofs[cell][b];
                REAL *block = blocks + 9 * place_of(column, pointers[row], pointers[row + 1], columns);
                const double product = g[a][0] * g[b][0] + g[a][1] * g[b][1] + g[a][2] * g[b][2];
                for (int i = 0; i < 3; i++)
                    for (int j = 0; j < 3; j++)
                        if (!held[3 * row + i] && !held[3 * column + j])
                            block[3 * i + j] += volume
                                * (lambda[cell] * g[a][i] * g[b][j]
                                    + mu[cell] * (g[a][j] * g[b][i] + (i == j) * product));
            }
    }
}
