export { calibratedProbability } from './calibrated-probability.js';
export { decide, showProbability, type Band, type Decision } from './decide.js';
export { parseOperatingPoints, type OperatingPoints, type PolicyOperatingPoint } from './operating-points.js';
