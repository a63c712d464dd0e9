// The start: decodes what is embedded and takes the still pictures' place; says why where it cannot.

async function start() {
  const root = document.getElementById("viewer");
  try {
    if (typeof DecompressionStream === "undefined") {
      throw new Error("this browser cannot unpack the volumes (no DecompressionStream)");
    }
    const manifest = JSON.parse(document.getElementById("manifest").textContent);
    document.documentElement.classList.add("live");
    const reader = new Reader(root, manifest);
    await reader.open(0);
    window.spider = reader;
  } catch (error) {
    document.documentElement.classList.remove("live");
    root.replaceChildren(element("p", "missing",
      `The interactive planes are not shown: ${error.message}. The still pictures are below.`));
    console.error(error);
  }
}

start();
