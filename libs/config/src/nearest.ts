export { editDistance, nearest } from '@assay/core';
