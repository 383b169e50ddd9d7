// Draws docs/pictures/main-job.svg: the stages of the main job, what each writes, and who uses the result.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const STAGES = [
  ['prepare', 'records split by time', 'and seller; leak report'],
  ['train', 'text + image + tabular', 'model; checkpoints'],
  ['evaluate', 'intervals, thresholds,', 'gates → verdict'],
  ['publish', 'hashed bundle in', 'the MLflow registry'],
  ['promote', 'champion, only if', 'the gates passed'],
  ['serve', 'every hash checked,', 'golden outputs replayed'],
];
const BOX = { width: 172, height: 104, gap: 26, top: 84, left: 20 };
const width = BOX.left * 2 + STAGES.length * BOX.width + (STAGES.length - 1) * BOX.gap;
const x = (i) => BOX.left + i * (BOX.width + BOX.gap);
const middle = BOX.top + BOX.height / 2;

const box = ([name, first, second], i) => `
  <g>
    <rect x="${x(i)}" y="${BOX.top}" width="${BOX.width}" height="${BOX.height}" rx="10" fill="#ffffff" stroke="#3b5bdb" stroke-width="1.5"/>
    <text x="${x(i) + BOX.width / 2}" y="${BOX.top + 34}" class="name">${name}</text>
    <text x="${x(i) + BOX.width / 2}" y="${BOX.top + 62}" class="what">${first}</text>
    <text x="${x(i) + BOX.width / 2}" y="${BOX.top + 82}" class="what">${second}</text>
  </g>`;
const arrow = (_, i) =>
  i === 0
    ? ''
    : `\n  <path d="M${x(i) - BOX.gap + 4} ${middle} H${x(i) - 8}" stroke="#3b5bdb" stroke-width="2" marker-end="url(#head)"/>`;
const label = (text, i, y) => `\n  <text x="${x(i) + BOX.width / 2}" y="${y}" class="label">${text}</text>`;

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 250" role="img" aria-labelledby="title">
  <title id="title">The main job: prepare, train, evaluate, publish, promote, serve</title>
  <defs>
    <marker id="head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#3b5bdb"/></marker>
    <style>
      text { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; text-anchor: middle; fill: #1c2333; }
      .name { font-size: 19px; font-weight: 650; }
      .what { font-size: 13px; fill: #4a5568; }
      .label { font-size: 13px; fill: #4a5568; }
    </style>
  </defs>
  <rect width="${width}" height="250" rx="14" fill="#f4f6fb"/>
  <text x="${x(0)}" y="42" style="text-anchor: start; font-size: 15px; font-weight: 600">configs/&lt;pipeline&gt;/pipeline.yaml</text>
  <path d="M${x(0) + BOX.width / 2} 52 V${BOX.top - 8}" stroke="#3b5bdb" stroke-width="2" marker-end="url(#head)"/>${STAGES.map(box).join('')}${STAGES.map(arrow).join('')}${label('CSV rows and photos in', 0, 222)}${label('one command, resumable', 1, 222)}${label('a report to read', 2, 222)}${label('lineage, digests', 3, 222)}${label('compare-and-swap', 4, 222)}${label('act · review · pass', 5, 222)}
</svg>
`;
writeFileSync(join(dirname(fileURLToPath(import.meta.url)), '../docs/pictures/main-job.svg'), svg);
