import type { OperatingPoints } from '@assay/policy';
import { describeFigure } from './evaluation-table.js';
import type { PolicyReport } from './report.js';

/** What no gate says, and a reader of the figures must know. Empty when there is nothing to say. */
export function warningsOf(
  { calibration }: OperatingPoints,
  policies: readonly PolicyReport[],
  reviewRecall: number,
): string[] {
  const grouped = groupedCalibration(calibration);
  const missed = policies.flatMap((policy) => missedReview(policy, reviewRecall));
  return grouped === null
    ? missed
    : [
        `${grouped}; where those of one group resemble each other, a precision is proven with less confidence than is said.`,
        ...missed,
      ];
}

/** `83 calibration records of 40 groups; the proof takes records as independent`, or null where each is its own group. */
function groupedCalibration(calibration: OperatingPoints['calibration']): string | null {
  if (calibration === undefined || calibration.groups >= calibration.records) return null;
  const { records, groups } = calibration;
  return `${records} calibration records of ${groups} ${groups === 1 ? 'group' : 'groups'}; the proof takes records as independent`;
}

/** The review threshold promised a recall that the test split rules out. */
function missedReview(
  { policy, operatingPoint: { review }, calibrationRecall, caught }: PolicyReport,
  reviewRecall: number,
): string[] {
  if (review === null || caught.interval === null || caught.interval[1] >= reviewRecall) return [];
  return [
    `${policy}: act and review catch ${describeFigure(caught)} of the test split's violations, which rules out the recall of ${reviewRecall} that was asked for; on the calibration split it was ${describeFigure(calibrationRecall)}.`,
  ];
}
