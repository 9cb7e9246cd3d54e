/* By how much the edges of quadratic tetrahedra are bent (solvers/bends.py). */

#include <math.h>
#include <stdint.h>

/* The ends of the edges whose middles are the nodes after the vertices, in Basix's order. */
static const int ENDS[6][2] = {{2, 3}, {1, 3}, {1, 2}, {0, 3}, {0, 2}, {0, 1}};

static double norm(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/* For each cell, over its edges, with b from the middle between the ends of an edge to its node:

       off = max |b| / h,    h = max |x_k - x_0|;
       change = max 4 |J^-1 b|,    J[c][k] = dx_c / dxi_k of the cell with straight edges. */
void bends(int64_t cells, const int32_t (*nodes)[10], const double *x, REAL *off, REAL *change)
{
    for (int64_t cell = 0; cell < cells; cell++) {
        double at[10][3], J[3][3], inverse[3][3], h = 0, most = 0, changed = 0;
        for (int i = 0; i < 10; i++)
            for (int c = 0; c < 3; c++)
                at[i][c] = x[3 * (int64_t)nodes[cell][i] + c] - x[3 * (int64_t)nodes[cell][0] + c];
        for (int k = 0; k < 3; k++) {
            h = fmax(h, norm(at[k + 1]));
            for (int c = 0; c < 3; c++)
                J[c][k] = at[k + 1][c];
        }
        for (int k = 0; k < 3; k++) /* cofactors */
            for (int c = 0; c < 3; c++)
                inverse[k][c] = J[(c + 1) % 3][(k + 1) % 3] * J[(c + 2) % 3][(k + 2) % 3]
                    - J[(c + 1) % 3][(k + 2) % 3] * J[(c + 2) % 3][(k + 1) % 3];
        const double det = J[0][0] * inverse[0][0] + J[1][0] * inverse[0][1] + J[2][0] * inverse[0][2];
        for (int e = 0; e < 6; e++) {
            double b[3], moved[3];
            for (int c = 0; c < 3; c++)
                b[c] = at[4 + e][c] - (at[ENDS[e][0]][c] + at[ENDS[e][1]][c]) / 2;
            for (int k = 0; k < 3; k++)
                moved[k] = (inverse[k][0] * b[0] + inverse[k][1] * b[1] + inverse[k][2] * b[2]) / det;
            most = fmax(most, norm(b));
            changed = fmax(changed, 4 * norm(moved));
        }
        off[cell] = most / h;
        change[cell] = changed;
    }
}
