"""Loops that NumPy has no words for, in the part of Python that numba compiles.

They run as they stand, and compiled once there is much to do: `zollstock.scoring.compiled` takes
this file as it is, so it imports NumPy alone and holds nothing but functions and numbers. All
arithmetic is float64 in the order written, compiled or not, so that both give the same bits. Plain
loops compile in a third of the time that operations on whole arrays take.
"""

import numpy as np

_FEWEST = 4  # so many turns must look like jitter; fewer add little, and may be real
_FLOOR = 1e-3  # smallest jitter beside the largest on the path: weights stay finite
_OUTLIER = 3.0  # deviations beyond which a value is a jump and no jitter


def raw_turns(y, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Write where the series turns to at[1:k], its ends to at[0] and at[k]; return k."""
    k = 0
    at[0] = 0
    last = 0.0
    for i in range(len(y) - 1):
        if y[i + 1] == y[i]:
            continue
        way = 1.0 if y[i + 1] > y[i] else -1.0
        if way + last == 0:
            k += 1
            at[k] = i
        last = way
    at[k + 1] = len(y) - 1
    return k + 1


def fit_pieces(y, weight, price, first, falls):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Write the first steps of the best alternating pieces; return their number.

    Minimises Σ weight (y - fit)² + price × pieces over all fits whose pieces rise and fall in
    turn, exactly: every start is extended to every end, pooling adjacent violators on the way,
    O(S²). A step that ends one piece as well as it begins the next begins the next.
    """
    n = len(y)
    best = np.empty((n + 1, 2))
    came = np.empty((n + 1, 2), np.int64)
    for i in range(n + 1):
        for way in range(2):
            best[i, way] = 0.0 if i == 0 else np.inf
            came[i, way] = 0
    level = np.empty(n)
    mass = np.empty(n)
    error = np.empty(n)
    for i in range(n):
        for way in range(2):
            sign = 1.0 if way == 0 else -1.0
            before = best[i, 1 - way] + price
            m = 0
            total = 0.0
            for j in range(i, n):
                value, w, e = sign * y[j], weight[j], 0.0
                while m > 0 and level[m - 1] >= value:
                    m -= 1
                    both = mass[m] + w
                    e += error[m] + mass[m] * w / both * (level[m] - value) ** 2
                    total -= error[m]
                    value = (level[m] * mass[m] + value * w) / both
                    w = both
                level[m], mass[m], error[m] = value, w, e
                m += 1
                total += e
                if before + total < best[j + 1, way]:
                    best[j + 1, way] = before + total
                    came[j + 1, way] = i
    way = 0 if best[n, 0] <= best[n, 1] else 1
    k = 0
    end = n
    while end > 0:
        end = came[end, way]
        first[k], falls[k] = end, way
        k += 1
        way = 1 - way
    for i in range(k // 2):
        first[i], first[k - 1 - i] = first[k - 1 - i], first[i]
        falls[i], falls[k - 1 - i] = falls[k - 1 - i], falls[i]
    return k


def find_turns(y, level, price, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Write the ends and the turns that are no jitter to at[: k + 1]; return k, the pieces."""
    n = len(y)
    k = raw_turns(y, at)
    largest = level[0]
    for i in range(n):
        largest = max(largest, level[i])
    if k <= _FEWEST or largest <= 0:  # a fit has a piece at least
        return k
    weight = np.empty(n)
    for i in range(n):
        least = max(level[i], _FLOOR * largest)
        weight[i] = 1 / (least * least)
    first = np.empty(n, np.int64)
    falls = np.empty(n, np.int64)
    pieces = fit_pieces(y, weight, price, first, falls)
    if pieces > k - _FEWEST:
        return k
    # Of equally good divisions the earliest borders are kept: a piece begins at its turn.
    for i in range(1, pieces):
        at[i] = first[i]
    at[pieces] = n - 1
    return pieces


def turn_level(y, x, level, at, half):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Return a parabola's value at a turn, fitted to `half` steps on each side.

    The value itself stands where too few steps are near, or where one of them is off the
    parabola by more than jitter: a spike is not rounded off.
    """
    start, end = max(0, at - half), min(len(y) - 1, at + half)
    if end - start < 4:
        return y[at]
    s = np.empty(5)
    t = np.empty(3)
    for m in range(5):
        s[m] = 0.0
    for m in range(3):
        t[m] = 0.0
    width = x[end] - x[start]
    for i in range(start, end + 1):
        u = (x[i] - x[at]) / width
        v = y[i] - y[at]
        power = 1.0
        for m in range(5):
            s[m] += power
            if m < 3:
                t[m] += power * v
            power *= u
    # Cramer's rule on the three normal equations.
    minor0 = s[2] * s[4] - s[3] * s[3]
    minor1 = s[1] * s[4] - s[2] * s[3]
    minor2 = s[1] * s[3] - s[2] * s[2]
    whole = s[0] * minor0 - s[1] * minor1 + s[2] * minor2
    c0 = (t[0] * minor0 - t[1] * minor1 + t[2] * minor2) / whole
    cross = s[0] * s[4] - s[2] * s[2]
    c1 = (-t[0] * minor1 + t[1] * cross - t[2] * (s[0] * s[3] - s[1] * s[2])) / whole
    c2 = (
        t[0] * minor2 - t[1] * (s[0] * s[3] - s[1] * s[2]) + t[2] * (s[0] * s[2] - s[1] * s[1])
    ) / whole
    for i in range(start, end + 1):
        u = (x[i] - x[at]) / width
        if abs(y[i] - y[at] - c0 - c1 * u - c2 * u * u) > _OUTLIER * level[i]:
            return y[at]
    return y[at] + c0


def from_turn_to_turn(rows, x, levels, price, half, total):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Write the sum of changes between turns; NaN where no raw turn was dropped."""
    n = rows.shape[1]
    at = np.empty(n + 1, np.int64)
    for row in range(len(rows)):
        y, level = rows[row], levels[row]
        raw = raw_turns(y, at)
        k = find_turns(y, level, price, at)
        total[row] = np.nan
        if k == raw:
            continue
        total[row] = 0.0
        last = y[0]
        for a in range(1, k + 1):
            here = y[n - 1] if a == k else turn_level(y, x[row], level, at[a], half)
            total[row] += abs(here - last)
            last = here


def held_out(rows, others, levels, price):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Return the mean over rows of the changes between the turns of the others' mean."""
    n = rows.shape[1]
    at = np.empty(n + 1, np.int64)
    total = 0.0
    for r in range(len(rows)):
        k = find_turns(others[r], levels[r], price, at)
        for a in range(k):
            change = others[r, at[a + 1]] - others[r, at[a]]
            sign = 1.0 if change > 0 else -1.0
            total += sign * (rows[r, at[a + 1]] - rows[r, at[a]])
    return total / len(rows)


def ksg(x, y, neighbours, psi, nearest):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Return the KSG estimate (first algorithm) for x and an ascending y, at least 0.

    The nearest neighbours in max(|dx|, |dy|) are looked for outwards from each point in y;
    the search stops once |dy| alone is as large as the distance of the last one kept.
    """
    steps = x.size
    psi_sum = 0.0
    for i in range(steps):
        xi, yi = x[i], y[i]
        for m in range(neighbours):
            nearest[m] = np.inf
        left, right = i - 1, i + 1
        while left >= 0 or right < steps:
            dy_left = yi - y[left] if left >= 0 else np.inf
            dy_right = y[right] - yi if right < steps else np.inf
            if dy_left <= dy_right:
                dy, j = dy_left, left
                left -= 1
            else:
                dy, j = dy_right, right
                right += 1
            if dy >= nearest[neighbours - 1]:
                break
            distance = max(abs(xi - x[j]), dy)
            if distance < nearest[neighbours - 1]:
                m = neighbours - 1
                while m > 0 and nearest[m - 1] > distance:
                    nearest[m] = nearest[m - 1]
                    m -= 1
                nearest[m] = distance
        radius = nearest[neighbours - 1]
        near_x, near_y = 0, 0  # both count the point itself
        for j in range(steps):
            dx, dy = abs(xi - x[j]), abs(yi - y[j])
            near_x += dx < radius or dx == 0.0
            near_y += dy < radius or dy == 0.0
        psi_sum += psi[near_x] + psi[near_y]
    return max(0.0, psi[steps] + psi[neighbours] - psi_sum / steps)


def mi_orders(p, noise, y, neighbours, psi, table, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Write the KSG estimate of (p[table[k]] + noise, y) to out[k]."""
    x = np.empty(p.size)
    nearest = np.empty(neighbours)
    for k in range(table.shape[0]):
        for i in range(p.size):
            x[i] = p[table[k, i]] + noise[i]
        out[k] = ksg(x, y, neighbours, psi, nearest)
