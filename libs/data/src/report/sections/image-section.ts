import { count, drawSvg, factsHtml, section } from '@assay/report-page';
import type { DataFacts } from '../collect-facts.js';
import { imageSizeChart, imagesPerRecordChart } from '../report-charts.js';
import { bytes, figure } from './figures.js';

/** How many images records have, and how large they are. */
export async function imageSection({ images }: DataFacts): Promise<string> {
  if (images.total === 0) return '';
  const charts = [
    figure(
      await drawSvg(imagesPerRecordChart(images), 'Records by their number of images'),
      'Images of a record',
    ),
  ];
  if (images.sizes.length > 0)
    charts.push(
      figure(
        await drawSvg(imageSizeChart(images), 'Images by width and height'),
        'Width and height in pixels; larger dots, more images',
      ),
    );
  return section('Images', `${measured(images)}<div class="charts">${charts.join('')}</div>`, 'images');
}

function measured(images: DataFacts['images']): string {
  const { total, sampled, unreadable, sizes, formats, fileBytes } = images;
  const facts: [string, string][] = [['images', count(total)]];
  if (sampled === 0) return factsHtml(facts);
  const [common] = sizes;
  facts.push(['measured, drawn by chance', count(sampled)]);
  if (common !== undefined)
    facts.push([
      sizes.length === 1 ? 'size of all' : 'most frequent size',
      `${common.width} × ${common.height} (${count(common.count)})`,
    ]);
  if (formats.length > 0)
    facts.push(['formats', formats.map(({ format, count: n }) => `${format} ${count(n)}`).join(', ')]);
  if (fileBytes !== null)
    facts.push([
      'file: smallest, median, largest',
      [fileBytes.min, fileBytes.median, fileBytes.max].map(bytes).join(', '),
    ]);
  if (unreadable > 0) facts.push(['unreadable', count(unreadable)]);
  return factsHtml(facts);
}
