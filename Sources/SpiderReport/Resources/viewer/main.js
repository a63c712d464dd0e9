// The start: decodes what is embedded and takes the still pictures' place; says why where it cannot.

/** Long warnings keep three lines until they are asked for, and say that there is more. */
function foldWarnings() {
  const box = document.querySelector(".fold .warnings"), list = box && box.querySelector("ul");
  if (!list) return;
  const button = element("button", "more");
  button.type = "button";
  const show = () => {
    const isOpen = box.classList.contains("open");
    button.hidden = !isOpen && list.scrollHeight <= list.clientHeight + 2;
    button.textContent = isOpen ? "Show less" : "Show all";
    button.setAttribute("aria-expanded", String(isOpen));
  };
  button.addEventListener("click", () => {
    box.classList.toggle("open");
    show();
  });
  box.append(button);
  new ResizeObserver(show).observe(list);
  show();
}

async function start() {
  const root = document.getElementById("viewer");
  try {
    if (typeof DecompressionStream === "undefined") {
      throw new Error("this browser cannot unpack the volumes (no DecompressionStream)");
    }
    const manifest = JSON.parse(document.getElementById("manifest").textContent);
    document.documentElement.classList.add("live");
    const wait = element("p", "waiting", "Unpacking the volumes …");
    wait.setAttribute("role", "status");
    root.append(wait);
    const reader = new Reader(root, manifest);
    await reader.open(0);
    wait.remove();
    window.spider = reader;
    document.addEventListener("open-case", ({ detail }) => reader.open(detail));
    foldWarnings();
  } catch (error) {
    document.documentElement.classList.remove("live");
    root.replaceChildren(element("p", "missing",
      `The interactive planes are not shown: ${error.message}. The still pictures are below.`));
    console.error(error);
  }
}

start();
