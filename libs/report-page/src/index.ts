export { CHART_COLORS, CHART_CONFIG } from './chart-theme.js';
export { drawSvg } from './draw-svg.js';
export { escapeHtml } from './escape-html.js';
export {
  count,
  factsHtml,
  html,
  listHtml,
  section,
  tableHtml,
  tilesHtml,
  type Html,
  type TableOptions,
} from './html-elements.js';
export { pageHtml, type Page } from './page-html.js';
export { clippedText, userText } from './user-text.js';
