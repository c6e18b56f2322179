# Colors of groups, the same for the same cluster as in Python and on the page: the list is that of
# python/scinno/_palette.py, where it says how they were chosen; a test compares the two.
scinno_palette <- c(
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#783c4b", "#8778ff",
    "#78c387", "#b42d87", "#b42d00", "#5a2dc3", "#f05a69", "#1e6900", "#871e87", "#ff78d2",
    "#965a5a", "#4b5aff", "#00962d", "#6978d2", "#7896ff", "#ff9669", "#a56996", "#5a4ba5",
    "#87b4a5", "#5ac34b", "#963c69", "#3c6987", "#e11ed2", "#2d00ff"
)

# Of cells that are in no group.
no_group <- "#b4bcc6"

# One color per group, by name, so that a group keeps its own where others are not drawn; they come
# round again after 30.
colors_of <- function(groups) {
    stats::setNames(rep_len(scinno_palette, length(groups)), groups)
}
