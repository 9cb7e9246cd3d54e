/* Linear elasticity on quadratic tetrahedra without a matrix: y += A x, with

       A_ij = Int sigma(phi_i) : eps(phi_j) dx,    sigma(u) = lambda tr(eps) I + 2 mu eps,

   cell by cell (Hughes, The Finite Element Method, 2000, section 2.10), LANES cells at once: a pack holds one number of
   each of them. Compiled for REAL = float and double. It needs the vector extensions of GCC or Clang, no particular
   processor. Nothing here allocates or keeps anything.

   A vector has three numbers a node. The nodes of a cell stand in Basix's order: the vertices 0 to 3, then the middles of
   the edges 23, 13, 12, 03, 02, 01. xi_1, xi_2, xi_3 are the reference coordinates, lambda_k = xi_k and
   lambda_0 = 1 - xi_1 - xi_2 - xi_3 the barycentric ones. The nodes of a batch are given as [NODES][LANES] numbers; in
   the last one, lanes that are left over repeat a cell with lambda = mu = 0. */

#include <stdint.h>

#define NODES 10
#define INLINE static inline __attribute__((always_inline))

typedef REAL pack __attribute__((vector_size(LANES * sizeof(REAL)), aligned(sizeof(REAL))));

/* The node between two vertices; of a vertex and itself, the vertex. */
static const int BETWEEN[4][4] = {{0, 9, 8, 7}, {9, 1, 6, 5}, {8, 6, 2, 4}, {7, 5, 4, 3}};

/* u[i][c], component c at node i, of the cells whose nodes are given. */
INLINE void gather(const int32_t *nodes, const REAL *x, pack u[NODES][3])
{
    for (int i = 0; i < NODES; i++)
        for (int l = 0; l < LANES; l++)
            for (int c = 0; c < 3; c++)
                u[i][c][l] = x[3 * (int64_t)nodes[LANES * i + l] + c];
}

/* The opposite: adds one cell after the other, as cells of a batch share nodes. */
INLINE void scatter(const int32_t *nodes, const pack r[NODES][3], REAL *y)
{
    for (int i = 0; i < NODES; i++)
        for (int l = 0; l < LANES; l++)
            for (int c = 0; c < 3; c++)
                y[3 * (int64_t)nodes[LANES * i + l] + c] += r[i][c][l];
}

/* h[v][c][k-1] = du_c / dxi_k at the vertices v, which determine it: it is linear in the cell. With

       phi_k = lambda_k (2 lambda_k - 1),   phi_kj = 4 lambda_k lambda_j:
       du/dlambda_k at vertex v = 4 u_kv - u_k for k != v,   3 u_v for k = v,   d/dxi_k = d/dlambda_k - d/dlambda_0. */
INLINE void differentiate(const pack u[NODES][3], pack h[4][3][3])
{
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++)
#pragma GCC unroll 3
        for (int c = 0; c < 3; c++) {
            pack d[4];
#pragma GCC unroll 4
            for (int k = 0; k < 4; k++)
                d[k] = k == v ? 3 * u[v][c] : 4 * u[BETWEEN[k][v]][c] - u[k][c];
#pragma GCC unroll 3
            for (int k = 1; k < 4; k++)
                h[v][c][k - 1] = d[k] - d[0];
        }
}

/* The transposed: nodal forces r of what is conjugate to h. */
INLINE void differentiate_transposed(const pack h[4][3][3], pack r[NODES][3])
{
#pragma GCC unroll 3
    for (int c = 0; c < 3; c++) {
#pragma GCC unroll 10
        for (int i = 0; i < NODES; i++)
            r[i][c] = (pack){0};
#pragma GCC unroll 4
        for (int v = 0; v < 4; v++) {
            const pack d[4] = {-h[v][c][0] - h[v][c][1] - h[v][c][2], h[v][c][0], h[v][c][1], h[v][c][2]};
#pragma GCC unroll 4
            for (int k = 0; k < 4; k++)
                if (k == v)
                    r[v][c] += 3 * d[k];
                else {
                    r[BETWEEN[k][v]][c] += 4 * d[k];
                    r[k][c] -= d[k];
                }
        }
    }
}

/* Geometry and material at a point: K[k][j] = dxi_k / dx_j, and lambda and mu times the weight of the point. */
struct place {
    pack K[3][3], lambda, mu;
};

/* s = lambda tr(eps) I + 2 mu eps, with grad u = h K; s is 11, 22, 33, 12, 13, 23. */
INLINE void stress(const pack h[3][3], const struct place *place, pack s[6])
{
    const pack(*K)[3] = place->K, lambda = place->lambda, mu = place->mu;
    pack g[3][3];
#pragma GCC unroll 3
    for (int c = 0; c < 3; c++)
#pragma GCC unroll 3
        for (int j = 0; j < 3; j++)
            g[c][j] = h[c][0] * K[0][j] + h[c][1] * K[1][j] + h[c][2] * K[2][j];
    const pack pressure = lambda * (g[0][0] + g[1][1] + g[2][2]);
    s[0] = pressure + 2 * mu * g[0][0];
    s[1] = pressure + 2 * mu * g[1][1];
    s[2] = pressure + 2 * mu * g[2][2];
    s[3] = mu * (g[0][1] + g[1][0]);
    s[4] = mu * (g[0][2] + g[2][0]);
    s[5] = mu * (g[1][2] + g[2][1]);
}

/* h = s K', what is conjugate to the h of `stress`. */
INLINE void stress_transposed(const pack s[6], const struct place *place, pack h[3][3])
{
    const pack(*K)[3] = place->K;
    static const int ROW[3][3] = {{0, 3, 4}, {3, 1, 5}, {4, 5, 2}};
#pragma GCC unroll 3
    for (int c = 0; c < 3; c++)
#pragma GCC unroll 3
        for (int k = 0; k < 3; k++)
            h[c][k] = s[ROW[c][0]] * K[k][0] + s[ROW[c][1]] * K[k][1] + s[ROW[c][2]] * K[k][2];
}

/* Straight-sided cells: K is constant, the stress s linear, and

       Int lambda_v lambda_w dx = V / 20 (1 + delta_vw)   for the volume V,

   so that the stress does at vertex w the work of V / 20 (s_w + sum_v s_v). There is one place, its weight is V / 20. */
INLINE void straight(const struct place *place, const pack u[NODES][3], pack r[NODES][3])
{
    pack h[4][3][3], s[4][6];
    differentiate(u, h);
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++)
        stress(h[v], place, s[v]);
#pragma GCC unroll 6
    for (int a = 0; a < 6; a++) {
        const pack sum = s[0][a] + s[1][a] + s[2][a] + s[3][a];
#pragma GCC unroll 4
        for (int v = 0; v < 4; v++)
            s[v][a] += sum;
    }
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++)
        stress_transposed(s[v], place, h[v]);
    differentiate_transposed(h, r);
}

/* Curved cells (isoparametric): a place at each point q of a quadrature, its weight is w_q det J. Derivatives by xi are
   linear in the cell as before, so their values there are sum_v lambda_v(q) h_v. */
INLINE void curved(
    const struct place *places, int64_t points, const REAL (*barycentric)[4], const pack u[NODES][3], pack r[NODES][3])
{
    pack h[4][3][3], work[4][3][3] = {0};
    differentiate(u, h);
    for (int q = 0; q < points; q++) {
        const REAL *at = barycentric[q];
        pack here[3][3], s[6];
#pragma GCC unroll 9
        for (int a = 0; a < 9; a++)
            here[a / 3][a % 3] = at[0] * h[0][a / 3][a % 3] + at[1] * h[1][a / 3][a % 3] + at[2] * h[2][a / 3][a % 3]
                + at[3] * h[3][a / 3][a % 3];
        stress(here, places + q, s);
        stress_transposed(s, places + q, here);
#pragma GCC unroll 4
        for (int v = 0; v < 4; v++)
#pragma GCC unroll 9
            for (int a = 0; a < 9; a++)
                work[v][a / 3][a % 3] += at[v] * here[a / 3][a % 3];
    }
    differentiate_transposed(work, r);
}

/* The forces of a batch of either kind; points = 0 stands for straight-sided. */
INLINE void forces(
    const struct place *places, int64_t points, const REAL (*barycentric)[4], const pack u[NODES][3], pack r[NODES][3])
{
    if (points == 0)
        straight(places, u, r);
    else
        curved(places, points, barycentric, u, r);
}

INLINE int64_t places_of(int64_t points)
{
    return points == 0 ? 1 : points;
}

/* y += A x. */
void add(int64_t batches, const int32_t *nodes, const struct place *places, int64_t points, const REAL (*barycentric)[4],
    const REAL *x, REAL *y)
{
    for (int64_t b = 0; b < batches; b++, nodes += NODES * LANES, places += places_of(points)) {
        pack u[NODES][3], r[NODES][3];
        gather(nodes, x, u);
        forces(places, points, barycentric, u, r);
        scatter(nodes, r, y);
    }
}

/* The diagonal blocks [node][3][3] of A, added: block i holds the forces at node i of unit displacements there. */
void add_blocks(int64_t batches, const int32_t *nodes, const struct place *places, int64_t points,
    const REAL (*barycentric)[4], REAL *blocks)
{
    for (int64_t b = 0; b < batches; b++, nodes += NODES * LANES, places += places_of(points))
        for (int i = 0; i < NODES; i++)
            for (int c = 0; c < 3; c++) {
                pack u[NODES][3] = {0}, r[NODES][3];
                u[i][c] += 1;
                forces(places, points, barycentric, u, r);
                for (int l = 0; l < LANES; l++)
                    for (int a = 0; a < 3; a++)
                        blocks[9 * (int64_t)nodes[LANES * i + l] + 3 * c + a] += r[i][a][l];
            }
}

/* Fill the places of batches from coordinates x[node][3], by nodes of the geometry: with K = J^-1, J[c][k] =
   dx_c / dxi_k, which is for the geometry what `differentiate` gives for the displacement. lambda and mu are
   [batch][LANES], weights the quadrature's. */
void fill_places(int64_t batches, const int32_t *nodes, const double *x, const pack *lambda, const pack *mu, int64_t points,
    const REAL (*barycentric)[4], const REAL *weights, struct place *places)
{
    for (int64_t b = 0; b < batches; b++, nodes += NODES * LANES) {
        pack at[NODES][3], h[4][3][3];
        for (int i = 0; i < NODES; i++) /* from the first vertex, so that single precision loses nothing */
            for (int l = 0; l < LANES; l++)
                for (int c = 0; c < 3; c++)
                    at[i][c][l] = x[3 * (int64_t)nodes[LANES * i + l] + c] - x[3 * (int64_t)nodes[l] + c];
        differentiate(at, h);
        for (int q = 0; q < places_of(points); q++, places++) {
            pack J[3][3];
            for (int c = 0; c < 3; c++)
                for (int k = 0; k < 3; k++)
                    J[c][k] = points == 0 ? at[k + 1][c] - at[0][c]
                                          : barycentric[q][0] * h[0][c][k] + barycentric[q][1] * h[1][c][k]
                                                + barycentric[q][2] * h[2][c][k] + barycentric[q][3] * h[3][c][k];
            for (int k = 0; k < 3; k++) /* cofactors */
                for (int c = 0; c < 3; c++)
                    places->K[k][c] = J[(c + 1) % 3][(k + 1) % 3] * J[(c + 2) % 3][(k + 2) % 3]
                        - J[(c + 1) % 3][(k + 2) % 3] * J[(c + 2) % 3][(k + 1) % 3];
            const pack det = J[0][0] * places->K[0][0] + J[0][1] * places->K[1][0] + J[0][2] * places->K[2][0];
            for (int k = 0; k < 3; k++)
                for (int c = 0; c < 3; c++)
                    places->K[k][c] /= det;
            pack weight; /* V / 20 = |det J| / 120 */
            for (int l = 0; l < LANES; l++)
                weight[l] = (det[l] < 0 ? -det[l] : det[l]) * (points == 0 ? (REAL)1 / 120 : weights[q]);
            places->lambda = lambda[b] * weight;
            places->mu = mu[b] * weight;
        }
    }
}

/* What the smoother needs (solvers/vcycle.py). */

/* Invert the blocks [node][3][3] in place, without the displacements that are not free: their rows and columns of the
   inverse are zero. */
void invert(int64_t nodes, const uint8_t *is_free, REAL *blocks)
{
    for (int64_t n = 0; n < nodes; n++, blocks += 9, is_free += 3) {
        const REAL size = blocks[0] + blocks[4] + blocks[8]; /* its cube may be too large for single precision */
        REAL m[3][3], inverse[3][3];
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                m[i][j] = is_free[i] && is_free[j] ? blocks[3 * i + j] / size : i == j;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                inverse[j][i] = m[(i + 1) % 3][(j + 1) % 3] * m[(i + 2) % 3][(j + 2) % 3]
                    - m[(i + 1) % 3][(j + 2) % 3] * m[(i + 2) % 3][(j + 1) % 3];
        const REAL det = m[0][0] * inverse[0][0] + m[0][1] * inverse[1][0] + m[0][2] * inverse[2][0];
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                blocks[3 * i + j] = is_free[i] && is_free[j] ? inverse[i][j] / det / size : 0;
    }
}

/* A step -d of a smoother with the blocks B: d = a d - b B r, x -= d. What is left is then r + A d. */
void step(int64_t nodes, const REAL *blocks, const REAL *r, REAL a, REAL b, REAL *d, REAL *x)
{
    for (int64_t n = 0; n < nodes; n++, blocks += 9, r += 3, d += 3, x += 3)
        for (int i = 0; i < 3; i++) {
            d[i] = a * d[i] - b * (blocks[3 * i] * r[0] + blocks[3 * i + 1] * r[1] + blocks[3 * i + 2] * r[2]);
            x[i] -= d[i];
        }
}

/* The linear displacement at quadratic nodes, each the middle between two vertices (or one twice). */
void prolong(int64_t nodes, const int32_t (*parents)[2], const REAL *linear, REAL *quadratic)
{
    for (int64_t n = 0; n < nodes; n++)
        for (int c = 0; c < 3; c++)
            quadratic[3 * n + c] = (linear[3 * (int64_t)parents[n][0] + c] + linear[3 * (int64_t)parents[n][1] + c]) / 2;
}

/* The transposed, added. */
void restrict_to(int64_t nodes, const int32_t (*parents)[2], const REAL *quadratic, REAL *linear)
{
    for (int64_t n = 0; n < nodes; n++)
        for (int p = 0; p < 2; p++)
            for (int c = 0; c < 3; c++)
                linear[3 * (int64_t)parents[n][p] + c] += quadratic[3 * n + c] / 2;
}
