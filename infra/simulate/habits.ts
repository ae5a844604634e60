// How the people of a simulated campaign behave: shares and working days, in one place. They are made up, and say so: what a simulation
// shows is what the platform does about them, not how a town is.

export const HABITS = {
  /** share of hazards graded major */
  major: 0.03,
  /** share of assignments that come back, and go to another organisation */
  givenBack: 0.04,
  /** what becomes of an order: neglected until the district decides, late by some days, else in time */
  neglected: 0.05,
  late: 0.18,
  lateBy: [1, 9],
  extensionAsked: 0.12,
  extensionApproved: 0.7,
  /** share of submissions that the verifier rejects */
  rejected: 0.14,
  orderRefused: 0.012,
  limitStated: 0.015,
  danger: 0.004,
  acknowledged: 0.6,
  /** periods of an order, in working days */
  period: { general: [6, 12], major: [12, 22] },
  /** a district unit sends material back, once a case at most */
  districtReturns: 0.25,
  districtTakes: [1, 4],
  districtDecides: [4, 15],
  reportLate: 0.1,
  reportNever: 0.03,
  reportReturned: 0.05,
} as const;
