// The graph as a file of its own.

/** Milliseconds until the browser has surely begun to save. */
const KEPT = 10_000;

export async function save(svg: string, title: string, type: "svg" | "png"): Promise<void> {
  const drawn = new Blob([svg], { type: "image/svg+xml" });
  download(type === "svg" ? drawn : await painted(drawn), `${title}.${type}`);
}

/** The picture in points, two for each of the screen's. */
async function painted(svg: Blob): Promise<Blob> {
  const url = URL.createObjectURL(svg);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * image.width;
    canvas.height = 2 * image.height;
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((made) => (made ? resolve(made) : reject(new Error("too large"))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

function download(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), KEPT);
}
