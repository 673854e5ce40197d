// Signed distance images for icons, as MapLibre's shader reads them: alpha 0.75 on the outline,
// falling by 1/8 for each CSS pixel outwards.
import { PNG } from "pngjs";

const PIXELS_PER_UNIT = 8;
const OUTLINE = 0.75;
const FAR = 1e20;

// One pass of the exact squared distance transform (Felzenszwalb and Huttenlocher) along a line of
// the grid: the lower envelope of one parabola per cell.
function transformLine(grid, offset, stride, length, work) {
  const { values, parabolas, borders } = work;
  for (let i = 0; i < length; i++) values[i] = grid[offset + i * stride];
  let last = 0;
  parabolas[0] = 0;
  borders[0] = -FAR;
  borders[1] = FAR;
  for (let i = 1; i < length; i++) {
    let meeting;
    do {
      const p = parabolas[last];
      meeting = (values[i] - values[p] + i * i - p * p) / (2 * (i - p));
    } while (meeting <= borders[last] && --last > -1);
    parabolas[++last] = i;
    borders[last] = meeting;
    borders[last + 1] = FAR;
  }
  for (let i = 0, k = 0; i < length; i++) {
    while (borders[k + 1] < i) k++;
    grid[offset + i * stride] = values[parabolas[k]] + (i - parabolas[k]) ** 2;
  }
}

function squaredDistances(grid, width, height) {
  const size = Math.max(width, height);
  const work = {
    values: new Float64Array(size),
    parabolas: new Int32Array(size),
    borders: new Float64Array(size + 1),
  };
  for (let x = 0; x < width; x++) transformLine(grid, x, width, height, work);
  for (let y = 0; y < height; y++) transformLine(grid, y * width, 1, width, work);
  return grid;
}

// Two grids over the image and its margin: 0 where the shape is (or is not), far away elsewhere.
function seeds({ data, width, height }, margin) {
  const [fullWidth, fullHeight] = [width + 2 * margin, height + 2 * margin];
  const toShape = new Float64Array(fullWidth * fullHeight).fill(FAR);
  const toGround = new Float64Array(fullWidth * fullHeight);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[4 * (y * width + x) + 3] < 128) continue;
      const cell = (y + margin) * fullWidth + x + margin;
      toShape[cell] = 0;
      toGround[cell] = FAR;
    }
  }
  return { toShape, toGround, width: fullWidth, height: fullHeight };
}

function alpha(distance) {
  return Math.round(255 * Math.min(1, Math.max(0, OUTLINE - distance / PIXELS_PER_UNIT)));
}

/**
 * Signed distances in CSS pixels to the outline of `image`, which is drawn `fine` times as large as
 * the icon; the grid is `margin` CSS pixels wider on each side. Inside is negative.
 */
export function distances(image, fine, margin) {
  const { toShape, toGround, width, height } = seeds(image, margin * fine);
  squaredDistances(toShape, width, height);
  squaredDistances(toGround, width, height);
  const cells = Float32Array.from(
    toShape,
    (squared, i) => (Math.sqrt(squared) - Math.sqrt(toGround[i])) / fine,
  );
  return { cells, width, height, fine };
}

/** The grid as an image of `ratio` pixels per CSS pixel: black, with the distances in its alpha. */
export function distanceImage({ cells, width, height, fine }, ratio) {
  const step = fine / ratio;
  const image = new PNG({ width: Math.floor(width / step), height: Math.floor(height / step) });
  const centre = (index) => Math.floor((index + 0.5) * step);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      image.data[4 * (y * image.width + x) + 3] = alpha(cells[centre(y) * width + centre(x)]);
    }
  }
  return image;
}
