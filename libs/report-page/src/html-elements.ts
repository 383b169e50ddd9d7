import { escapeHtml } from './escape-html.js';

/** Markup that is put into a page as it is; a plain string is escaped. */
export interface Html {
  readonly html: string;
}

export const html = (markup: string): Html => ({ html: markup });

const markupOf = (content: string | Html): string =>
  typeof content === 'string' ? escapeHtml(content) : content.html;

/** A whole number with separators of thousands. */
export const count = (n: number): string => n.toLocaleString('en-US');

/**
 * A card of the page.
 *
 * @param title markup
 * @param body markup
 * @param id what a link may lead to
 */
export function section(title: string, body: string, id?: string): string {
  const attribute = id === undefined ? '' : ` id="${escapeHtml(id)}"`;
  return `<section${attribute}><h2>${title}</h2>${body}</section>`;
}

export interface TableOptions {
  /** What happens on a narrow screen: the table scrolls, or its cells wrap. */
  style?: 'scroll' | 'wrap';
  /** Columns from this one on hold numbers, and are aligned to the right. */
  numbersFrom?: 1 | 2 | 3;
}

export function tableHtml(
  header: readonly (string | Html)[],
  rows: readonly (readonly (string | Html)[])[],
  { style = 'scroll', numbersFrom }: TableOptions = {},
): string {
  const head = `<tr>${header.map((cell) => `<th>${markupOf(cell)}</th>`).join('')}</tr>`;
  const body = rows
    .map((row) => `<tr>${row.map((cell) => `<td>${markupOf(cell)}</td>`).join('')}</tr>`)
    .join('');
  const table = numbersFrom === undefined ? '<table>' : `<table class="numbers-${numbersFrom}">`;
  return `<div class="${style}">${table}<thead>${head}</thead><tbody>${body}</tbody></table></div>`;
}

/** A list of sentences; nothing when there are none. */
export const listHtml = (style: string, items: readonly (string | Html)[]): string =>
  items.length === 0
    ? ''
    : `<ul class="${style}">${items.map((item) => `<li>${markupOf(item)}</li>`).join('')}</ul>`;

/** A row of figures, each with what it is. */
export function tilesHtml(tiles: readonly (readonly [name: string, value: string])[]): string {
  const items = tiles.map(
    ([name, value]) => `<div class="tile"><b>${escapeHtml(value)}</b><span>${escapeHtml(name)}</span></div>`,
  );
  return `<section class="tiles">${items.join('')}</section>`;
}

/** Names and values beside each other. */
export function factsHtml(facts: readonly (readonly [name: string, value: string | Html])[]): string {
  const items = facts.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${markupOf(value)}</dd></div>`,
  );
  return `<dl class="facts">${items.join('')}</dl>`;
}
