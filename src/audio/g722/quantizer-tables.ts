/** The constants of ITU-T G.722 (09/2012) at 64 kbit/s, by the names that its tables and block diagrams give them. */

/** Q6: the lower band's decision levels, by the magnitude's number from 1 to 30 (Table 14). */
export const Q6 = Int16Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219],
  ...[1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);

/** ILN: the six bits of a negative difference, by its magnitude's number (Table 15). */
export const ILN = Uint8Array.of(
  ...[0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6],
  ...[5, 4],
);

/** ILP: the six bits of a positive difference, by its magnitude's number (Table 15). */
export const ILP = Uint8Array.of(
  ...[0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35],
  ...[34, 33, 32],
);

/** QM6: the lower band's output levels of six bits (Table 16). */
export const QM6 = Int16Array.of(
  ...[-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576],
  ...[-7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040],
  ...[-728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456],
  ...[4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136],
);

/** QM4: the lower band's output levels of the four upper bits, by which both sides adapt (Table 16). */
export const QM4 = Int16Array.of(
  ...[0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0],
);

/** QM2: the higher band's output levels (Table 16). */
export const QM2 = Int16Array.of(-7408, -1616, 7408, 1616);

/** Q2: the higher band's one decision level (Table 14). */
export const Q2 = 564;

/** WL over RL42: what four bits add to the lower band's logarithmic scale factor (Table 18). */
export const LOW_SCALE_STEP = Int16Array.of(
  ...[-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60],
);

/** WH over RH2: what two bits add to the higher band's logarithmic scale factor (Table 18). */
export const HIGH_SCALE_STEP = Int16Array.of(798, -214, 798, -214);

/** ILB: 2048 · 2^(i/32), the logarithm's table turned back (Table 19). */
export const ILB = Int16Array.of(
  ...[2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960],
  ...[3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008],
);
